import { create } from 'zustand'
import { toast, undoWindowMs } from '../ui/toast.tsx'
import { words } from '../i18n/i18n.ts'

interface Pending {
  run: (keepalive: boolean) => Promise<unknown>
  timer: ReturnType<typeof setTimeout>
}

const pending = new Map<string, Pending>()

/** Where the next page of this tab finds what the last one deleted as it was left. */
const leftKey = 'imagechat.deleted'

/** Things that are deleted for the eye already and for the server soon; lists leave them out. */
export const useHidden = create<{ ids: ReadonlySet<string> }>()(() => ({ ids: deletedOnLeaving() }))

/** A page that is loaded again may ask for its lists before the server has deleted. */
function deletedOnLeaving(): ReadonlySet<string> {
  const left = sessionStorage.getItem(leftKey)
  sessionStorage.removeItem(leftKey)
  return new Set(left?.split(','))
}

function hide(changed: readonly string[], hidden: boolean) {
  const ids = new Set(useHidden.getState().ids)
  for (const id of changed) {
    if (hidden) ids.add(id)
    else ids.delete(id)
  }
  useHidden.setState({ ids })
}

/** Deletes after the time in which it can be taken back, and tells when it was; leaving the page deletes at once. */
export function deleteLater(ids: readonly string[], said: string, run: (keepalive: boolean) => Promise<unknown>, onUndo?: () => void) {
  hide(ids, true)
  const key = ids.join()
  const commit = async () => {
    pending.delete(key)
    close()
    try {
      await run(false)
    } catch {
      hide(ids, false)
      toast(words().common.loadFailed)
    }
  }
  const close = toast(said, {
    label: words().common.undo,
    run: () => {
      clearTimeout(pending.get(key)?.timer)
      pending.delete(key)
      hide(ids, false)
      onUndo?.()
    },
  })
  pending.set(key, { run, timer: setTimeout(() => void commit(), undoWindowMs) })
}

window.addEventListener('pagehide', () => {
  if (pending.size > 0) sessionStorage.setItem(leftKey, [...pending.keys()].join())
  for (const { run, timer } of pending.values()) {
    clearTimeout(timer)
    void run(true)
  }
  pending.clear()
})
