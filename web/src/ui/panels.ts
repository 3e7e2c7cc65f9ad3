import { useEffect, useSyncExternalStore } from 'react'

/** What opens over the page: dialogs, menus, popovers, toasts. Nothing of it shows at first, so it comes after the page. */
type Panels = typeof import('./base.tsx')

let panels: Panels | undefined
let coming: Promise<void> | undefined
const listeners = new Set<() => void>()

/** Fetches the panels, once; when that fails, the next who wants one tries again. */
export function loadPanels() {
  coming ??= import('./base.tsx').then(
    (loaded) => {
      panels = loaded
      for (const listener of listeners) listener()
    },
    () => {
      coming = undefined
      // What was opened meanwhile waits for them.
      if (listeners.size > 0) window.addEventListener('online', loadPanels, { once: true })
      if (navigator.onLine) void import('../chunks.tsx').then(({ reloadIfOutdated }) => reloadIfOutdated(), () => {})
    },
  )
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The panels, as soon as they are there; wanting them fetches them. */
export function usePanels(wanted = false): Panels | undefined {
  useEffect(() => {
    if (wanted) loadPanels()
  }, [wanted])
  return useSyncExternalStore(subscribe, () => panels)
}
