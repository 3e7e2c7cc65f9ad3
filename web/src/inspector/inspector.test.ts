import { describe, expect, it } from 'vitest'
import type { Picture } from '../api/types.ts'
import { cropWindow, lost } from '../exporting/crop.ts'
import { nudged } from './marks.ts'
import { familyOf, newestFrom } from './versions.ts'
import { fitted, kept, zoomAt } from './zoom-math.ts'

const picture = (id: string, parent?: string) => ({ id, parent_image_id: parent }) as Picture

describe('the tree of versions', () => {
  const pictures = [picture('a'), picture('x'), picture('b', 'a'), picture('c', 'b'), picture('d', 'a'), picture('e', 'd')]

  it('holds a picture\'s whole family and no other', () => {
    const family = familyOf(pictures, 'c').map(({ picture: { id }, depth, row, parent, number }) => [id, depth, row, parent?.picture.id, number])
    expect(family).toEqual([['a', 0, 0, undefined, 1], ['b', 1, 0, 'a', 2], ['c', 2, 0, 'b', 3], ['d', 1, 1, 'a', 4], ['e', 2, 1, 'd', 5]])
  })

  it('is the picture alone when it was never edited', () => {
    expect(familyOf(pictures, 'x')).toHaveLength(1)
  })

  it('numbers a line by itself, whatever else the conversation holds', () => {
    const before = [picture('y'), picture('z'), ...pictures]
    expect(familyOf(before, 'c').map((one) => one.number)).toEqual([1, 2, 3, 4, 5])
  })

  it('knows the newest that came of a picture, and that nothing came of another', () => {
    expect(newestFrom(pictures, 'a')?.id).toBe('e')
    expect(newestFrom(pictures, 'b')?.id).toBe('c')
    expect(newestFrom(pictures, 'c')).toBeUndefined()
  })

  it('begins at a picture whose parent is gone', () => {
    expect(familyOf([picture('b', 'gone'), picture('c', 'b')], 'c')[0]?.picture.id).toBe('b')
  })
})

describe('zooming', () => {
  it('keeps the point under the cursor where it is', () => {
    const point = { x: 120, y: -40 }
    const view = zoomAt(fitted, 2, point)
    // The picture's point under the cursor is (point - offset) / scale, before and after.
    expect([(point.x - view.x) / view.scale, (point.y - view.y) / view.scale]).toEqual([point.x, point.y])
  })

  it('goes back to fitting when zoomed out', () => {
    expect(zoomAt({ scale: 2, x: 50, y: 50 }, 0.1, { x: 0, y: 0 })).toEqual(fitted)
  })

  it('does not let the picture leave the stage', () => {
    expect(kept({ scale: 2, x: 999, y: -999 }, { width: 400, height: 200 })).toEqual({ scale: 2, x: 200, y: -100 })
  })
})

describe('marks', () => {
  it('stay on the picture when moved by keys', () => {
    const rect = { kind: 'rect', x: 0.9, y: 0, width: 0.1, height: 0.5 } as const
    expect(nudged(rect, 0.2, -0.2, false)).toMatchObject({ x: 0.9, y: 0 })
    expect(nudged(rect, 0.2, 0.7, true)).toMatchObject({ width: expect.closeTo(0.1), height: 1 })
  })
})

describe('what a placement keeps', () => {
  const square = { width: 1024, height: 1024 }

  it.each([
    ['nothing is lost at the same ratio', square, { x: 0.5, y: 0.5 }, { x: 0, y: 0, width: 1, height: 1 }, 0],
    ['a banner cuts above and below', { width: 200, height: 100 }, { x: 0.5, y: 0.5 }, { x: 0, y: 0.25, width: 1, height: 0.5 }, 0.5],
    ['the focus moves what is kept', { width: 200, height: 100 }, { x: 0.5, y: 0.9 }, { x: 0, y: 0.5, width: 1, height: 0.5 }, 0.5],
    ['a story cuts at the sides', { width: 100, height: 200 }, { x: 0, y: 0.5 }, { x: 0, y: 0, width: 0.5, height: 1 }, 0.5],
  ])('%s', (_, target, focus, window, part) => {
    expect(cropWindow(square, target, focus)).toEqual(window)
    expect(lost(cropWindow(square, target, focus))).toBe(part)
  })
})
