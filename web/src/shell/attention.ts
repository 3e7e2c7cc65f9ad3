import type { ServerFrame } from '../api/types.ts'
import { words } from '../i18n/i18n.ts'
import { useSettings } from '../settings/settings.ts'
import { setUnseen } from './title.ts'
import { prefix } from '../prefix.ts'

let unseen = 0

/** Calls a person back who looks elsewhere when a turn has ended: by the tab's title, and by a notification where one was wished for. */
export function callBack(sessionId: string, title: string, frame: ServerFrame) {
  const cancelled = frame.type === 'error' && frame.data.code === 'cancelled'
  if (!document.hidden || frame.type === 'status' || cancelled || !frame.turn_id) return
  unseen += 1
  setUnseen(unseen)
  if (!useSettings.getState().notify || !('Notification' in window) || Notification.permission !== 'granted') return
  const t = words()
  const said = frame.type === 'error' ? t.thread.failed : t.thread.finished(frame.data.message.images.length)
  try {
    const shown = new Notification(title || t.sessions.untitled, { body: said, tag: frame.turn_id, icon: `${prefix}/icon.svg` })
    shown.onclick = () => open(sessionId, shown)
  } catch {
    // Android grants the leave and then shows only what a service worker sends; the title has to do there.
  }
}

function open(sessionId: string, shown: Notification) {
  window.focus()
  shown.close()
  // The router listens for the browser's own steps.
  window.history.pushState(null, '', `/c/${sessionId}`)
  window.dispatchEvent(new PopStateEvent('popstate'))
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) return
  unseen = 0
  setUnseen(0)
})

/** Asks the browser, which asks the person; call it from a click. Tells whether notifications may be shown. */
export async function mayNotify() {
  return 'Notification' in window && (await Notification.requestPermission()) === 'granted'
}
