import { describe, expect, it } from 'vitest'
import spec from '../../../openapi/openapi.json'
import { en } from './en.ts'
import { ko } from './ko.ts'

const codes = spec.components.schemas.ErrorCode.enum

function leaves(words: object, path = ''): [string, unknown][] {
  return Object.entries(words).flatMap(([key, value]) => (typeof value === 'object' && value !== null ? leaves(value, `${path}${key}.`) : [[path + key, value] as [string, unknown]]))
}

const strings = (words: object) => leaves(words).filter((leaf): leaf is [string, string] => typeof leaf[1] === 'string')

describe('the dictionary', () => {
  it.each([['ko', ko], ['en', en]] as const)('has words for every code that the server sends, in %s', (_, words) => {
    expect(codes.filter((code) => !(code in words.failure.titles) || !(code in words.failure.hints))).toEqual([])
  })

  it('is complete and nowhere empty in English', () => {
    expect(leaves(en).map(([key]) => key).toSorted()).toEqual(leaves(ko).map(([key]) => key).toSorted())
    expect(strings(en).filter(([, text]) => text === '')).toEqual([])
  })

  it('speaks Korean in 해요체 and without doubled particles', () => {
    expect(strings(ko).filter(([, text]) => /습니다|십시오|을\(를\)|이\(가\)|은\(는\)/.test(text))).toEqual([])
  })

  it('has no Hangul in English', () => {
    expect(strings(en).filter(([, text]) => /[가-힣]/.test(text))).toEqual([])
  })
})
