import { expect, test } from 'vitest'
import { parseHex } from './hex.tsx'

test.each([
  ['#F6D860', '#f6d860'], ['f6d860', '#f6d860'], ['  #fd6 ', '#ffdd66'], ['rgb(246, 216, 96)', '#f6d860'], ['rgba(246 216 96 / 50%)', '#f6d860'],
  ['#f6d86', undefined], ['노랑', undefined], ['', undefined], ['rgb(300, 0, 0)', undefined],
])('reads %j as %j', (written, hex) => expect(parseHex(written)).toBe(hex))
