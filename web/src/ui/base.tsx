// What opens over the page, on Base UI. Together they are a third of the page's script and nothing of them shows at
// first, so they come later: see panels.ts. Everything else imports kit.tsx, menu.tsx and toast.tsx instead.
import { Dialog as BaseDialog } from '@base-ui/react/dialog'
import { Menu as BaseMenu } from '@base-ui/react/menu'
import { Popover as BasePopover } from '@base-ui/react/popover'
import { Toast } from '@base-ui/react/toast'
import { clsx } from 'clsx'
import { X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useT } from '../i18n/i18n.ts'
import type { DialogProps, DrawerProps } from './kit.tsx'
import type { MenuItemProps, PanelProps } from './menu.tsx'
import { toastsAreReady, undoWindowMs, type ToastAction } from './toast.tsx'

/** What is mounted open should move in as what opens later does: it is opened after its first drawing. */
function useOpened(open: boolean) {
  const [drawn, setDrawn] = useState(false)
  useEffect(() => {
    const frame = requestAnimationFrame(() => setDrawn(true))
    return () => cancelAnimationFrame(frame)
  }, [])
  return open && drawn
}

export function Dialog({ open, onClose, title, description, size = 'normal', titleHidden, children }: DialogProps) {
  // The dialog itself takes the focus: its title is read out, and no button looks chosen before one has done anything.
  const popup = useRef<HTMLDivElement>(null)
  return (
    <BaseDialog.Root open={useOpened(open)} onOpenChange={(next) => !next && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="veil z-40" />
        {/* Base UI keeps arrow keys from the page, whose shortcuts they are in the large view. */}
        <BaseDialog.Popup ref={popup} initialFocus={popup} onKeyDown={(event) => size === 'full' && event.preventBaseUIHandler()} className={clsx('dialog z-40', size === 'wide' && 'dialog-wide', size === 'full' && 'dialog-full')}>
          <div className={titleHidden ? 'sr-only' : 'flex items-start justify-between gap-4 px-6 pt-5'}>
            <div>
              <BaseDialog.Title className="text-title">{title}</BaseDialog.Title>
              {description && <BaseDialog.Description className="mt-1 text-ink-2">{description}</BaseDialog.Description>}
            </div>
            {!titleHidden && <CloseButton className="-mt-1 -mr-2" />}
          </div>
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  )
}

function CloseButton({ className }: { className: string }) {
  const t = useT()
  return (
    <BaseDialog.Close aria-label={t.common.close} className={clsx('btn btn-icon btn-ghost flex-none', className)}>
      <X />
    </BaseDialog.Close>
  )
}

export function Drawer({ open, onClose, title, side = 'right', children }: DrawerProps) {
  return (
    <BaseDialog.Root open={useOpened(open)} onOpenChange={(next) => !next && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="veil z-30" />
        <BaseDialog.Popup className={clsx('drawer z-30', side === 'left' && 'drawer-left')}>
          <BaseDialog.Title className="sr-only">{title}</BaseDialog.Title>
          {/* The menu is left by going somewhere, or beside it; a sheet needs a button that stays in sight. */}
          {side === 'right' && <div className="sticky top-7 z-10 flex h-0 justify-end pr-7"><CloseButton className="rounded-full bg-raised/92 shadow-lift" /></div>}
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  )
}

/** A press on the trigger is the trigger's to answer: it closes what it opened. */
function closes(event: Event, anchor: HTMLElement | null) {
  return !(event.target instanceof Node && anchor?.contains(event.target))
}

export function MenuPanel({ open, byKey, onOpenChange, anchor, labelledBy, align, children }: PanelProps) {
  const popup = useRef<HTMLDivElement>(null)
  const opened = useOpened(open)
  useEffect(() => {
    // Who opens a menu by key goes on by key.
    if (opened && byKey) requestAnimationFrame(() => popup.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus())
  }, [opened, byKey])
  return (
    <BaseMenu.Root open={opened} onOpenChange={(next, { event }) => !next && closes(event, anchor) && onOpenChange(false)}>
      <BaseMenu.Portal>
        <BaseMenu.Positioner anchor={anchor} sideOffset={6} align={align} className="z-50">
          <BaseMenu.Popup ref={popup} aria-labelledby={labelledBy} className="popup min-w-48 p-1.5">{children}</BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  )
}

export function MenuItem({ icon, tone, onSelect, children }: MenuItemProps) {
  return (
    <BaseMenu.Item className="menu-item" data-tone={tone} onClick={onSelect}>
      {icon}
      {children}
    </BaseMenu.Item>
  )
}

export function PopoverPanel({ open, onOpenChange, anchor, align, title, className, children }: PanelProps & { title: string; className?: string | undefined }) {
  return (
    <BasePopover.Root open={useOpened(open)} onOpenChange={(next, { event }) => !next && closes(event, anchor) && onOpenChange(false)}>
      <BasePopover.Portal>
        <BasePopover.Positioner anchor={anchor} sideOffset={8} align={align} collisionPadding={12} className="z-50">
          <BasePopover.Popup className={clsx('popup', className)}>
            <BasePopover.Title className="sr-only">{title}</BasePopover.Title>
            {children}
          </BasePopover.Popup>
        </BasePopover.Positioner>
      </BasePopover.Portal>
    </BasePopover.Root>
  )
}

const manager = Toast.createToastManager()

function show(text: string, action?: ToastAction) {
  const id = manager.add({
    title: text,
    timeout: action ? undoWindowMs : 4000,
    actionProps: action && {
      children: action.label,
      onClick: () => {
        action.run()
        manager.close(id)
      },
    },
  })
  return () => manager.close(id)
}

export function Toasts() {
  const t = useT()
  // The manager forgets what it is given before this is there.
  useEffect(() => toastsAreReady(show), [])
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      <Toast.Portal>
        <Toast.Viewport aria-label={t.common.notices} className="pointer-events-none fixed inset-x-0 bottom-28 z-50 flex flex-col items-center gap-2 md:bottom-8">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function List() {
  const t = useT()
  const { toasts } = Toast.useToastManager()
  return toasts.map((one) => (
    <Toast.Root key={one.id} toast={one} className="toast pointer-events-auto">
      <Toast.Title className="text-body" render={<p />} />
      <Toast.Action className="btn btn-sm font-semibold underline underline-offset-4" />
      <Toast.Close aria-label={t.common.close} className="btn btn-icon btn-sm opacity-70 hover:opacity-100">
        <X />
      </Toast.Close>
    </Toast.Root>
  ))
}
