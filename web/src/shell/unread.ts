import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import { pathHere } from '../prefix.ts'

/** The conversations in which something came that nobody has looked at yet. */
export const useUnread = create<{ ids: string[] }>()(persist(() => ({ ids: [] as string[] }), { name: 'imagechat.unread' }))

/** Notes that an answer came, unless its conversation is the one on the screen. */
export function noteAnswer(sessionId: string) {
  if (!document.hidden && pathHere() === `/c/${sessionId}`) return
  useUnread.setState((s) => ({ ids: [...s.ids.filter((one) => one !== sessionId), sessionId].slice(-100) }))
}

/** Notes that a conversation is looked at. */
export function markRead(sessionId: string) {
  if (!document.hidden) useUnread.setState((s) => (s.ids.includes(sessionId) ? { ids: s.ids.filter((one) => one !== sessionId) } : s))
}
