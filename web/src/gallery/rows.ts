/** A row of pictures that together are as wide as the page. */
export interface Row {
  /** Place of its first picture. */
  first: number
  widths: number[]
  height: number
}

/** Extreme banners and towers count as no more extreme than this, so that no row becomes a ribbon or a tower. */
const flattest = 3.2
const tallest = 0.56

/** How much lower than wished a row may be before its last picture goes to the next row. */
const lowest = 0.72

/**
 * Lays pictures out in rows that fill the width, each picture in its own ratio: rows are filled until they are no higher
 * than wished, then scaled to fit. The last row keeps the wished height. Widths and heights are px.
 */
export function rowsOf(pictures: readonly { width: number; height: number }[], width: number, wished: number, gap: number): Row[] {
  const rows: Row[] = []
  let first = 0
  let ratios: number[] = []
  const close = (height: number) => {
    rows.push({ first, height, widths: ratios.map((ratio) => ratio * height) })
    first += ratios.length
    ratios = []
  }
  const heightOf = (list: readonly number[]) => (width - gap * (list.length - 1)) / list.reduce((sum, ratio) => sum + ratio, 0)
  for (const picture of pictures) {
    const ratio = Math.min(flattest, Math.max(tallest, picture.width / picture.height || 1))
    if (ratios.length > 0 && heightOf([...ratios, ratio]) < wished * lowest) close(heightOf(ratios))
    ratios.push(ratio)
    if (heightOf(ratios) <= wished) close(heightOf(ratios))
  }
  if (ratios.length > 0) close(Math.min(wished, heightOf(ratios)))
  return rows
}

/** Where an arrow key leads from a place in the rows; up and down go to the picture above or below the middle of this one. */
export function moved(key: string, at: number, rows: readonly Row[]): number | undefined {
  const total = rows.reduce((sum, row) => sum + row.widths.length, 0)
  if (key === 'ArrowLeft') return Math.max(0, at - 1)
  if (key === 'ArrowRight') return Math.min(total - 1, at + 1)
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return undefined
  const index = rowAt(rows, at)
  const row = rows[index]
  const next = rows[index + (key === 'ArrowUp' ? -1 : 1)]
  if (!row || !next) return at
  const middle = row.widths.slice(0, at - row.first).reduce((sum, width) => sum + width, 0) + (row.widths[at - row.first] ?? 0) / 2
  let right = 0
  const place = next.widths.findIndex((width) => (right += width) >= middle)
  return next.first + (place < 0 ? next.widths.length - 1 : place)
}

/** The row that holds a place. */
export function rowAt(rows: readonly Row[], at: number) {
  return rows.findIndex((row) => at < row.first + row.widths.length)
}
