import type { Language } from '../i18n/i18n.ts'

const locales: Record<Language, string> = { ko: 'ko-KR', en: 'en-US' }

/** US dollars as the generator bills them: two digits from a cent on, otherwise as many as say something. */
export function usd(amount: number) {
  if (amount === 0) return '$0'
  const digits = amount >= 1 ? 2 : 3
  if (amount > 0 && amount < 0.001) return '<$0.001'
  return `$${amount.toFixed(digits).replace(/(\.\d\d)0$/, '$1')}`
}

export function count(n: number, language: Language) {
  return new Intl.NumberFormat(locales[language]).format(n)
}

export function compact(n: number, language: Language) {
  return new Intl.NumberFormat(locales[language], { notation: 'compact', maximumFractionDigits: 1 }).format(n)
}

/** A file's size in kB or MB of 1,000, as the placements' limits count. */
export function bytes(n: number) {
  return n >= 1_000_000 ? `${(n / 1_000_000).toFixed(1).replace('.0', '')} MB` : `${Math.max(1, Math.round(n / 1000))} kB`
}

export function seconds(ms: number) {
  return Math.max(0, Math.round(ms / 1000))
}

/** Seconds up to two minutes, then hours and minutes, rounded up so that a wait is never too short. */
export function inUnits(s: number, hour: string, minute: string, second: string) {
  if (s < 120) return `${s}${second}`
  const minutes = Math.ceil(s / 60)
  const parts = [[Math.floor(minutes / 60), hour], [minutes % 60, minute]] as const
  return parts.filter(([n]) => n > 0).map(([n, unit]) => `${n}${unit}`).join(' ')
}

const dayMs = 86_400_000
const steps: [number, Intl.RelativeTimeFormatUnit][] = [[dayMs, 'day'], [3_600_000, 'hour'], [60_000, 'minute']]

/** Relative within a week, a date after that. */
export function when(iso: string, language: Language, now = Date.now()) {
  const at = new Date(iso)
  const age = now - at.getTime()
  if (age < 7 * dayMs) {
    const [unit, name] = steps.find(([size]) => age >= size) ?? [1000, 'second' as const]
    return new Intl.RelativeTimeFormat(locales[language], { numeric: 'auto' }).format(name === 'second' ? 0 : -Math.floor(age / unit), name)
  }
  return new Intl.DateTimeFormat(locales[language], { dateStyle: 'medium' }).format(at)
}

/** Date and time in full, for details. */
export function exactly(iso: string, language: Language) {
  return new Intl.DateTimeFormat(locales[language], { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso))
}

/** A day without its time. A date alone is that very day, wherever one is. */
export function day(date: string, language: Language) {
  const at = date.length === 10 ? new Date(`${date}T00:00:00`) : new Date(date)
  return new Intl.DateTimeFormat(locales[language], { dateStyle: 'medium' }).format(at)
}

/** Today's date where one is, for the names of files. */
export function today(now = new Date()) {
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, '0')).join('-')
}

/** A name inside a sentence, cut where it would make the sentence long. */
export function shorten(name: string, most = 40) {
  const letters = [...name]
  return letters.length > most ? `${letters.slice(0, most - 1).join('').trimEnd()}…` : name
}
