import { loadPanels, usePanels } from './panels.ts'

/** How long a deletion can be taken back. */
export const undoWindowMs = 8000

export interface ToastAction {
  label: string
  run: () => void
}

/** Shows a toast; what it returns closes it. */
export type Show = (text: string, action?: ToastAction) => () => void

let canShow: (show: Show) => void = () => {}
const shower = new Promise<Show>((resolve) => {
  canShow = resolve
})

/** Called by the place where toasts appear, once it is there. */
export const toastsAreReady = (show: Show) => canShow(show)

/** Says something that happened elsewhere than where one looks. Errors of what one is doing stay inline instead. */
export function toast(text: string, action?: ToastAction) {
  let close: (() => void) | undefined
  let over = false
  loadPanels()
  void shower.then((show) => {
    if (!over) close = show(text, action)
  })
  return () => {
    over = true
    close?.()
  }
}

/** Where toasts appear: above the composer, in the middle, newest at the bottom. */
export function Toasts() {
  const panels = usePanels()
  return panels && <panels.Toasts />
}
