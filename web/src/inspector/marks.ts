import { getStroke } from 'perfect-freehand'

/** A mark, in fractions of the picture (0…1 from the top left), so that it fits the picture at any size. */
export type Mark =
  | { kind: 'rect'; x: number; y: number; width: number; height: number }
  | { kind: 'brush'; size: number; points: [number, number][] }

/** The colour that the server's words to the model name: orange. */
export const markColour = '#ff6a1f'

/** Draws the marks over a picture of the given size in px. */
export function drawMarks(context: CanvasRenderingContext2D, marks: readonly Mark[], width: number, height: number) {
  const line = Math.max(3, Math.min(width, height) / 160)
  for (const mark of marks) {
    if (mark.kind === 'rect') {
      context.strokeStyle = markColour
      context.lineWidth = line
      context.globalAlpha = 0.18
      context.fillStyle = markColour
      context.fillRect(mark.x * width, mark.y * height, mark.width * width, mark.height * height)
      context.globalAlpha = 1
      context.strokeRect(mark.x * width, mark.y * height, mark.width * width, mark.height * height)
      continue
    }
    const outline = getStroke(mark.points.map(([x, y]) => [x * width, y * height]), { size: mark.size * Math.min(width, height), thinning: 0, simulatePressure: false })
    context.globalAlpha = 0.55
    context.fillStyle = markColour
    context.beginPath()
    for (const [x = 0, y = 0] of outline) context.lineTo(x, y)
    context.closePath()
    context.fill()
    context.globalAlpha = 1
  }
}

/** A rectangle from two corners, whichever way it was drawn. */
export function rectFrom([x1, y1]: [number, number], [x2, y2]: [number, number]): Mark {
  return { kind: 'rect', x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) }
}

/** A rectangle moved or resized by keys, kept on the picture. */
export function nudged(mark: Extract<Mark, { kind: 'rect' }>, dx: number, dy: number, resize: boolean): Mark {
  if (resize) return { ...mark, width: Math.min(1 - mark.x, Math.max(0.02, mark.width + dx)), height: Math.min(1 - mark.y, Math.max(0.02, mark.height + dy)) }
  return { ...mark, x: Math.min(1 - mark.width, Math.max(0, mark.x + dx)), y: Math.min(1 - mark.height, Math.max(0, mark.y + dy)) }
}
