import { useSyncExternalStore } from 'react'

const query = window.matchMedia('(min-width: 1280px)')

function subscribe(listener: () => void) {
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}

/** Whether there is room for three panes. */
export function useWide() {
  return useSyncExternalStore(subscribe, () => query.matches)
}
