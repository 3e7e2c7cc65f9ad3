import type { ExportPreview, ExportedPreview } from '@gemini-image-chat/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { asFound, Previews } from './previews.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

interface Asked {
  purposes: string[]
  focus?: { x: number; y: number }
  signal: AbortSignal
  answer: () => Promise<void>
  fail: () => Promise<void>
}

/** Previews whose requests wait until the test answers them. */
function setup() {
  const asked: Asked[] = []
  const previews = new Previews(
    (request, signal) =>
      new Promise<ExportPreview>((resolve, reject) => {
        const settled = async (end: () => void) => {
          end()
          await vi.advanceTimersByTimeAsync(0)
        }
        asked.push({
          ...request, signal,
          answer: () => settled(() => resolve({ focus: { x: 0.3, y: 0.6 }, files: request.purposes.map((purpose) => ({ purpose, bytes: 10 }) as ExportedPreview) })),
          fail: () => settled(() => reject(new Error('no line'))),
        })
      }),
  )
  return { previews, asked, known: () => [...previews.get().files.keys()] }
}

const ids = (n: number) => Array.from({ length: n }, (_, i) => `p${i}`)

test('asks in batches, the most wanted first, two at a time', async () => {
  const { previews, asked, known } = setup()
  previews.want(ids(20))
  expect(asked.map((one) => one.purposes)).toEqual([ids(20).slice(0, 6), ids(20).slice(6, 12)])
  await asked[0]?.answer()
  expect(known()).toEqual(ids(6))
  expect(previews.get().found).toEqual({ x: 0.3, y: 0.6 })
  expect(asked[2]?.purposes).toEqual(ids(20).slice(12, 18))
})

test('asks for nothing twice', async () => {
  const { previews, asked } = setup()
  previews.want(['a', 'b'])
  previews.want(['b', 'a', 'c'])
  expect(asked.map((one) => one.purposes)).toEqual([['a', 'b'], ['c']])
  await asked[0]?.answer()
  await asked[1]?.answer()
  previews.want(['a', 'b', 'c'])
  expect(asked).toHaveLength(2)
})

test('drops what is under way when the focus moves, and asks once it rests', async () => {
  const { previews, asked, known } = setup()
  previews.want(['a'])
  previews.make({ ...asFound, focus: { x: 0.1, y: 0.1 } })
  expect(asked[0]?.signal.aborted).toBe(true)
  await vi.advanceTimersByTimeAsync(200)
  previews.make({ ...asFound, focus: { x: 0.2, y: 0.1 } })
  previews.want(['a', 'b'])
  await vi.advanceTimersByTimeAsync(200)
  expect(asked).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(100)
  expect(asked[1]).toMatchObject({ purposes: ['a', 'b'], focus: { x: 0.2, y: 0.1 } })
  // An answer that comes too late is not taken for one of the new focus, but kept for the old one.
  await asked[0]?.answer()
  expect(known()).toEqual([])
  await asked[1]?.answer()
  expect(known()).toEqual(['a', 'b'])
  previews.make({ ...asFound, focus: undefined })
  expect(known()).toEqual(['a'])
})

test('goes on after a failure and does not insist', async () => {
  const { previews, asked, known } = setup()
  previews.want(ids(13))
  await asked[0]?.fail()
  await asked[1]?.answer()
  await asked[2]?.answer()
  expect(known()).toEqual(ids(13).slice(6))
  expect(asked).toHaveLength(3)
})

test('keeps what is known of the others when one placement gets a focus of its own', async () => {
  const { previews, asked, known } = setup()
  previews.want(['a', 'b'])
  await asked[0]?.answer()
  previews.make({ ...asFound, focuses: { b: { x: 0.9, y: 0.5 } } })
  expect(known()).toEqual(['a'])
  await vi.advanceTimersByTimeAsync(300)
  expect(asked[1]).toMatchObject({ purposes: ['b'], focuses: { b: { x: 0.9, y: 0.5 } } })
  await asked[1]?.answer()
  expect(known()).toEqual(['a', 'b'])
})

test('asks anew for another fit or format', async () => {
  const { previews, asked } = setup()
  previews.want(['a'])
  await asked[0]?.answer()
  previews.make({ ...asFound, fit: 'contain', format: 'png' })
  await vi.advanceTimersByTimeAsync(300)
  expect(asked[1]).toMatchObject({ purposes: ['a'], fit: 'contain', formats: ['png'] })
})
