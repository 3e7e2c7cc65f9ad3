import { cloneElement, useId, useState, type MouseEvent, type ReactElement, type ReactNode } from 'react'
import { usePanelsFor } from './kit.tsx'
import { loadPanels, usePanels } from './panels.ts'

/** What a panel knows of the button that opens it. */
export interface PanelProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  /** Whether it was opened by a key and not by pointing. */
  byKey: boolean
  anchor: HTMLElement | null
  labelledBy: string
  align: 'start' | 'center' | 'end'
  children: ReactNode
}

type Trigger = ReactElement<Record<string, unknown>>

/** The button that opens a panel: itself from the start, its panel from the first opening on. */
function useTrigger(trigger: Trigger, kind: 'menu' | 'dialog', open: boolean, onOpenChange: (open: boolean) => void) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const id = useId()
  const [byKey, setByKey] = useState(false)
  const button = cloneElement(trigger, {
    id,
    'aria-haspopup': kind,
    'aria-expanded': open,
    'data-popup-open': open ? '' : undefined,
    onPointerEnter: loadPanels,
    onFocus: loadPanels,
    onClick: (event: MouseEvent<HTMLElement>) => {
      setAnchor(event.currentTarget)
      // Closing gives the focus back to where it was; Safari does not put it on what is pressed.
      event.currentTarget.focus()
      setByKey(event.detail === 0)
      onOpenChange(!open)
    },
  })
  return { button, panel: { open, onOpenChange, byKey, anchor, labelledBy: id } }
}

interface MenuProps {
  trigger: Trigger
  children: ReactNode
  align?: 'start' | 'end'
}

/** A menu of actions that opens from its trigger. */
export function Menu({ trigger, children, align = 'end' }: MenuProps) {
  const [open, setOpen] = useState(false)
  const { button, panel } = useTrigger(trigger, 'menu', open, setOpen)
  const panels = usePanelsFor(open)
  return (
    <>
      {button}
      {panels && <panels.MenuPanel {...panel} align={align}>{children}</panels.MenuPanel>}
    </>
  )
}

export interface MenuItemProps {
  icon?: ReactNode
  tone?: 'danger'
  onSelect: () => void
  children: ReactNode
}

/** One action of a Menu. */
export function MenuItem(props: MenuItemProps) {
  const panels = usePanels()
  return panels && <panels.MenuItem {...props} />
}

interface PopoverProps {
  trigger: Trigger
  title: string
  children: ReactNode
  align?: 'start' | 'center' | 'end'
  className?: string
  open?: boolean
  onOpenChange?: (open: boolean) => void
}

/** A small panel with controls, beside its trigger. */
export function Popover({ trigger, title, children, align = 'start', className, open: given, onOpenChange }: PopoverProps) {
  const [own, setOwn] = useState(false)
  const open = given ?? own
  const { button, panel } = useTrigger(trigger, 'dialog', open, onOpenChange ?? setOwn)
  const panels = usePanelsFor(open)
  return (
    <>
      {button}
      {panels && <panels.PopoverPanel {...panel} align={align} title={title} className={className}>{children}</panels.PopoverPanel>}
    </>
  )
}
