/** A window over a picture, in fractions of it. */
export interface Window {
  x: number
  y: number
  width: number
  height: number
}

export interface Focus {
  x: number
  y: number
}

export const centre: Focus = { x: 0.5, y: 0.5 }

/** What of a picture a placement keeps when it is filled: as large as the ratio allows, centred on the focus, never over the edge. */
export function cropWindow(picture: { width: number; height: number }, target: { width: number; height: number }, focus: Focus): Window {
  const have = picture.width / picture.height
  const want = target.width / target.height
  const width = Math.min(1, want / have)
  const height = Math.min(1, have / want)
  return { width, height, x: place(focus.x, width), y: place(focus.y, height) }
}

function place(focus: number, size: number) {
  return Math.min(1 - size, Math.max(0, focus - size / 2))
}

/** How much of the picture is lost, 0…1. */
export function lost(window: Window) {
  return 1 - window.width * window.height
}
