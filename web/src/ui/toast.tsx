import { Toast } from '@base-ui/react/toast'
import { X } from 'lucide-react'
import { useT } from '../i18n/i18n.ts'

const manager = Toast.createToastManager()

/** Says something that happened elsewhere than where one looks. Errors of what one is doing stay inline instead. */
export function toast(text: string, action?: { label: string; run: () => void }) {
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

/** How long a deletion can be taken back. */
export const undoWindowMs = 8000

/** Where toasts appear: above the composer, in the middle, newest at the bottom. */
export function Toasts() {
  const t = useT()
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
