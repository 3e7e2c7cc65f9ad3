import { describe, expect, it } from 'vitest'
import spec from '../../../openapi/openapi.json'
import { en } from './en.ts'
import { ko } from './ko.ts'

const codes = spec.components.schemas.ErrorCode.enum

function leaves(words: object, path = ''): [string, unknown][] {
  return Object.entries(words).flatMap(([key, value]) => (typeof value === 'object' && value !== null ? leaves(value, `${path}${key}.`) : [[path + key, value] as [string, unknown]]))
}

describe('the dictionary', () => {
  it.each([['ko', ko], ['en', en]] as const)('has words for every code that the server sends, in %s', (_, words) => {
    for (const code of codes) {
      expect(words.failure.titles, code).toHaveProperty(code)
      expect(words.failure.hints, code).toHaveProperty(code)
    }
  })

  it('is complete and nowhere empty in English', () => {
    expect(leaves(en).map(([key]) => key).toSorted()).toEqual(leaves(ko).map(([key]) => key).toSorted())
    for (const [key, value] of leaves(en)) expect(value, key).not.toBe('')
  })

  it('speaks Korean in 해요체 and without doubled particles', () => {
    for (const [key, value] of leaves(ko)) {
      const text = typeof value === 'string' ? value : ''
      expect(text, key).not.toMatch(/습니다|십시오|을\(를\)|이\(가\)|은\(는\)/)
    }
  })

  it('has no Hangul in English', () => {
    for (const [key, value] of leaves(en)) if (typeof value === 'string') expect(value, key).not.toMatch(/[가-힣]/)
  })
})
