import { describe, expect, it } from 'vitest'
import { moved, rowAt, rowsOf } from './rows.ts'

const square = { width: 100, height: 100 }
const banner = { width: 300, height: 100 }

describe('rows of pictures', () => {
  it('fill the width exactly, but for the last', () => {
    const rows = rowsOf([square, banner, square, square, banner, square, square], 1000, 220, 10)
    for (const row of rows.slice(0, -1)) {
      expect(row.widths.reduce((sum, width) => sum + width, 0) + 10 * (row.widths.length - 1)).toBeCloseTo(1000)
    }
    expect(rows.flatMap((row) => row.widths)).toHaveLength(7)
  })

  it('do not stretch a lonely last picture', () => {
    expect(rowsOf([square], 1000, 220, 10)).toEqual([{ first: 0, height: 220, widths: [220] }])
  })

  it('are never far lower than wished', () => {
    const rows = rowsOf(Array.from({ length: 60 }, (_, n) => (n % 2 ? square : banner)), 358, 160, 10)
    for (const row of rows) expect(row.height).toBeGreaterThan(100)
  })

  it('hold every picture once, in order', () => {
    const rows = rowsOf(Array.from({ length: 100 }, () => square), 900, 200, 12)
    let place = 0
    for (const row of rows) {
      expect(row.first).toBe(place)
      place += row.widths.length
    }
    expect(place).toBe(100)
  })
})

describe('arrow keys', () => {
  const rows = [
    { first: 0, height: 100, widths: [100, 300] },
    { first: 2, height: 100, widths: [200, 100, 100] },
  ]

  it.each([
    ['ArrowRight', 1, 2], ['ArrowRight', 4, 4], ['ArrowLeft', 2, 1], ['ArrowLeft', 0, 0],
    ['ArrowDown', 0, 2], ['ArrowDown', 1, 3], ['ArrowUp', 4, 1], ['ArrowUp', 0, 0],
  ])('%s from %d leads to %d', (key, from, to) => {
    expect(moved(key, from, rows)).toBe(to)
  })

  it('are told from other keys', () => {
    expect(moved('Home', 0, rows)).toBeUndefined()
    expect(rowAt(rows, 3)).toBe(1)
  })
})
