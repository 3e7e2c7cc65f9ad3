import { disassemble, getChoseong } from 'es-hangul'

/** One form for comparing: macOS hands out decomposed Hangul (자소 분리), people type composed. */
export function folded(text: string) {
  return text.normalize('NFC').toLocaleLowerCase('ko')
}

const onlyInitials = /^[ㄱ-ㅎ\s]+$/

/** Whether a query is made of initial consonants only, as in ㅇㅈㅇㅇㄷ for 유자 에이드. */
export function isInitials(query: string) {
  return query.trim() !== '' && onlyInitials.test(query.normalize('NFC'))
}

/** Whether text holds the query: as a substring, with a syllable still being typed, or by initial consonants. */
export function matches(text: string, query: string) {
  const wanted = folded(query).replaceAll(/\s+/g, '')
  if (wanted === '') return true
  const hay = folded(text).replaceAll(/\s+/g, '')
  if (hay.includes(wanted)) return true
  if (isInitials(wanted)) return getChoseong(hay).replaceAll(/\s+/g, '').includes(wanted)
  // While 유자 is being typed the field passes through 윶; taken apart, it is a part again.
  return disassemble(hay).includes(disassemble(wanted))
}
