/** Where a picture lies on the stage: its scale over "fits", and its offset from the middle in px. */
export interface View {
  scale: number
  x: number
  y: number
}

export const fitted: View = { scale: 1, x: 0, y: 0 }
const largest = 12

/** Zooms so that the point under the cursor, given from the middle of the stage, stays where it is. */
export function zoomAt(view: View, factor: number, point: { x: number; y: number }): View {
  const scale = Math.min(largest, Math.max(1, view.scale * factor))
  if (scale === 1) return fitted
  const grown = scale / view.scale
  return { scale, x: point.x - (point.x - view.x) * grown, y: point.y - (point.y - view.y) * grown }
}

/** Keeps the picture on the stage: it cannot be dragged further than its own edge. */
export function kept(view: View, stage: { width: number; height: number }): View {
  const reachX = (stage.width * (view.scale - 1)) / 2
  const reachY = (stage.height * (view.scale - 1)) / 2
  return { scale: view.scale, x: clamp(view.x, reachX), y: clamp(view.y, reachY) }
}

function clamp(value: number, reach: number) {
  return Math.min(reach, Math.max(-reach, value))
}
