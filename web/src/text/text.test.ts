import { describe, expect, it } from 'vitest'
import { bytes, inUnits, shorten, usd, when } from './format.ts'
import { isInitials, matches } from './hangul.ts'

describe('searching Korean', () => {
  it.each([
    ['a plain part matches', '유자 에이드 여름 배너', '에이드', true],
    ['spaces do not matter', '유자 에이드 여름 배너', '유자에이드', true],
    ['initial consonants match', '유자 에이드 여름 배너', 'ㅇㅈㅇㅇㄷ', true],
    ['initial consonants in the middle match', '유자 에이드 여름 배너', 'ㅂㄴ', true],
    ['a syllable still being typed matches', '유자 에이드', '윶', true],
    ['decomposed text matches composed', '유자 에이드'.normalize('NFD'), '유자', true],
    ['letters match in either case', 'Summer Sale', 'summer', true],
    ['other words do not match', '유자 에이드', '커피', false],
    ['other initials do not match', '유자 에이드', 'ㅋㅍ', false],
    ['an empty query matches all', '유자', '  ', true],
  ])('%s', (_, text, query, want) => {
    expect(matches(text, query)).toBe(want)
  })

  it('knows initials from syllables', () => {
    expect([isInitials('ㅇㅈ'), isInitials('유ㅈ'), isInitials('')]).toEqual([true, false, false])
  })
})

describe('figures', () => {
  it.each([[0, '$0'], [0.039, '$0.039'], [0.04, '$0.04'], [0.0004, '<$0.001'], [1.5, '$1.50'], [12.345, '$12.35']])('%d dollars are %s', (amount, want) => {
    expect(usd(amount)).toBe(want)
  })

  it.each([[300_000, '300 kB'], [1_432_000, '1.4 MB'], [12, '1 kB']])('%d bytes are %s', (n, want) => {
    expect(bytes(n)).toBe(want)
  })

  it.each([[9, '9 s'], [119, '119 s'], [121, '3 min'], [3600, '1 h'], [8352, '2 h 20 min']])('%d seconds are %s', (s, want) => {
    expect(inUnits(s, ' h', ' min', ' s')).toBe(want)
  })

  it('tells a recent time relatively and an old one as a date', () => {
    const now = Date.parse('2026-11-22T12:00:00Z')
    expect(when('2026-11-22T11:57:00Z', 'ko', now)).toContain('3')
    expect(when('2026-10-01T00:00:00Z', 'ko', now)).toContain('2026')
  })
})

describe('names inside sentences', () => {
  it.each([['짧은 이름', '짧은 이름'], ['가'.repeat(200), `${'가'.repeat(39)}…`], ['👩‍🎨', '👩‍🎨']])('%s', (name, want) => {
    expect(shorten(name)).toBe(want)
  })
})
