import { Dialog as Base } from '@base-ui/react/dialog'
import { clsx } from 'clsx'
import { X } from 'lucide-react'
import { useRef, type ButtonHTMLAttributes, type ReactNode } from 'react'
import { useT } from '../i18n/i18n.ts'

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

interface DialogProps {
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

/** A modal dialog: centred on a desk, a sheet from below on a phone, the whole window for pictures. */
export function Dialog({ open, onClose, title, description, size = 'normal', titleHidden, children }: DialogProps) {
  // The dialog itself takes the focus: its title is read out, and no button looks chosen before one has done anything.
  const popup = useRef<HTMLDivElement>(null)
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="veil z-40" />
        <Base.Popup ref={popup} initialFocus={popup} className={clsx('dialog z-40', size === 'wide' && 'dialog-wide', size === 'full' && 'dialog-full')}>
          <div className={titleHidden ? 'sr-only' : 'flex items-start justify-between gap-4 px-6 pt-5'}>
            <div>
              <Base.Title className="text-title">{title}</Base.Title>
              {description && <Base.Description className="mt-1 text-ink-2">{description}</Base.Description>}
            </div>
            {!titleHidden && <CloseButton />}
          </div>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

function CloseButton() {
  const t = useT()
  return (
    <Base.Close aria-label={t.common.close} className="btn btn-icon btn-ghost -mr-2 -mt-1">
      <X />
    </Base.Close>
  )
}

/** A panel that slides in from the side, from below on a phone. */
export function Drawer({ open, onClose, title, side = 'right', children }: Omit<DialogProps, 'size'> & { side?: 'left' | 'right' }) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="veil z-30" />
        <Base.Popup className={clsx('drawer z-30', side === 'left' && 'drawer-left')}>
          <Base.Title className="sr-only">{title}</Base.Title>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
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
