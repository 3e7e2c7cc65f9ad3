import { clsx } from 'clsx'
import { useState, type ButtonHTMLAttributes, type ReactNode } from 'react'
import { usePanels } from './panels.ts'

type Tone = 'primary' | 'accent' | 'soft' | 'line' | 'ghost' | 'danger'

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: Tone
  small?: boolean
}

/** A button with words. */
export function Button({ tone = 'soft', small, className, type = 'button', ...rest }: ButtonProps) {
  return <button type={type} className={clsx('btn', `btn-${tone}`, small && 'btn-sm', className)} {...rest} />
}

interface IconButtonProps extends ButtonProps {
  /** Read by screen readers and shown as the tooltip. */
  label: string
  /** The key that does the same, shown in the tooltip. */
  hotkey?: string
}

/** A button that is only a picture: it always has a name, which the browser shows as its tooltip. */
export function IconButton({ label, hotkey, tone = 'ghost', small, className, type = 'button', ...rest }: IconButtonProps) {
  return <button type={type} aria-label={label} title={hotkey ? `${label} (${hotkey})` : label} className={clsx('btn btn-icon', `btn-${tone}`, small && 'btn-sm', className)} {...rest} />
}

export interface DialogProps {
  open: boolean
  onClose: () => void
  title: string
  /** Words below the title; also what screen readers read on opening. */
  description?: ReactNode
  size?: 'normal' | 'wide' | 'full'
  /** Keeps the title for screen readers only, for dialogs that are one picture. */
  titleHidden?: boolean
  children: ReactNode
}

export type DrawerProps = Omit<DialogProps, 'size'> & { side?: 'left' | 'right' }

/** A modal dialog: centred on a desk, a sheet from below on a phone, the whole window for pictures. */
export function Dialog(props: DialogProps) {
  const panels = usePanelsFor(props.open)
  return panels && <panels.Dialog {...props} />
}

/** A panel that slides in from the side, from below on a phone. */
export function Drawer(props: DrawerProps) {
  const panels = usePanelsFor(props.open)
  return panels && <panels.Drawer {...props} />
}

/** The panels from the first opening on: what was never opened costs nothing, what closes can move out. */
export function usePanelsFor(open: boolean) {
  const [used, setUsed] = useState(open)
  if (open && !used) setUsed(true)
  const panels = usePanels(used)
  return used ? panels : undefined
}

/** What a page shows when it has nothing yet. */
export function Empty({ icon, title, heading: Heading = 'h2', children }: { icon: ReactNode; title: string; heading?: 'h1' | 'h2'; children?: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center px-6 py-16 text-center">
      <div className="mb-4 grid size-14 place-items-center rounded-xl bg-sunken text-ink-3 [&_svg]:size-6">{icon}</div>
      <Heading className="text-lead font-semibold">{title}</Heading>
      <div className="mt-1 text-ink-2">{children}</div>
    </div>
  )
}

/** Waiting for data: a quiet bar that reserves the room, so that nothing jumps when it comes. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={clsx('animate-pulse rounded-sm bg-sunken', className)} />
}
