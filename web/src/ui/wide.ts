import { useSyncExternalStore } from 'react'

/** Whether the window is at least as wide as that, in px. */
function from(width: number) {
  const query = window.matchMedia(`(min-width: ${width}px)`)
  const subscribe = (listener: () => void) => {
    query.addEventListener('change', listener)
    return () => query.removeEventListener('change', listener)
  }
  return () => useSyncExternalStore(subscribe, () => query.matches)
}

/** Whether there is room for the conversations beside the page. */
export const useRoomy = from(768)

/** Whether there is room for three panes. */
export const useWide = from(1280)
