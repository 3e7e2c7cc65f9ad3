import { expect, test } from 'vitest'
import { inOrder } from './uploads.ts'

test('what ends in another order is taken in the order in which it was chosen, and a failure holds nothing up', async () => {
  const take = inOrder()
  const ends = new Map<string, (value: string) => void>()
  const fails = new Map<string, (reason: Error) => void>()
  const taken: string[] = []
  const all = ['a', 'b', 'c', 'd'].map((name) =>
    take(new Promise<string>((resolve, reject) => {
      ends.set(name, resolve)
      fails.set(name, reject)
    }), (one) => taken.push(one)),
  )
  const settled = Promise.allSettled(all)
  ends.get('d')?.('d')
  fails.get('b')?.(new Error('no line'))
  await expect(all[1]).rejects.toThrow('no line')
  ends.get('c')?.('c')
  expect(taken).toEqual([])
  ends.get('a')?.('a')
  await settled
  expect(taken).toEqual(['a', 'c', 'd'])
})
