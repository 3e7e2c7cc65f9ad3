import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { en } from './en.ts'
import { ko } from './ko.ts'

/** The words of docs/words.md that a language does not use. */
function unwanted(language: 'Korean' | 'English') {
  const page = readFileSync(resolve(import.meta.dirname, '../../../docs/words.md'), 'utf8')
  const section = page.split(`## ${language}`)[1]?.split('\n## ')[0] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('|')).slice(2)
  return rows.flatMap((row) => (row.split('|')[3] ?? '').split(',').map((word) => word.trim()).filter(Boolean))
}

/** Every sentence of a language; what depends on something is said of something. */
function sentences(words: unknown): string[] {
  if (typeof words === 'string') return [words]
  if (typeof words === 'function') return [String((words as (...args: unknown[]) => string)(2, 3)), String((words as (...args: unknown[]) => string)(0, 1))]
  return Object.values(words as object).flatMap(sentences)
}

describe.each([['Korean', ko], ['English', en]] as const)('%s', (language, words) => {
  const list = unwanted(language)

  test('has a table of words', () => expect(list.length).toBeGreaterThan(10))

  test('names each thing by its one word', () => {
    const found = sentences(words).flatMap((sentence) => list.filter((word) => sentence.toLowerCase().includes(word.toLowerCase())).map((word) => `${word}: ${sentence}`))
    expect(found).toEqual([])
  })
})
