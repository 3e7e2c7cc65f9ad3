import { expect, test } from 'vitest'
import { emptyFields, fieldsOf, guidelinesOf, kitOf, stripes } from './kit.ts'

test('a kit goes into a form and comes out as it was', () => {
  const kit = { name: '하루차', description: '차', palette: [{ name: '유자', hex: '#F6D860' }], typography: '고딕', tone: '다정하게', do: ['여백', '자연광'], dont: ['네온'] }
  expect(kitOf(fieldsOf(kit))).toEqual(kit)
})

test('guidelines of another hand are read as far as they can be', () => {
  expect(fieldsOf({ name: 5, palette: [{ hex: 'red' }, { name: '밤', hex: '#123456' }], do: '한 줄' })).toEqual({
    ...emptyFields, palette: [{ name: '', hex: '#888888' }, { name: '밤', hex: '#123456' }], do: '한 줄',
  })
})

test('what says nothing is not kept', () => {
  expect(guidelinesOf({ ...emptyFields, name: ' 하루차 ', do: '\n여백 \n\n' })).toEqual({ name: '하루차', do: ['여백'] })
  expect(guidelinesOf(emptyFields)).toEqual({})
})

test('colours stand side by side', () => {
  expect(stripes({ palette: [] })).toBeUndefined()
  expect(stripes({ palette: [{ name: '', hex: '#000000' }, { name: '', hex: '#ffffff' }] })).toBe('linear-gradient(90deg, #000000 0% 50%, #ffffff 50% 100%)')
})
