import type { Brand } from '@gemini-image-chat/client'

export interface Colour {
  name: string
  hex: string
}

/** A brand as a form holds it: the rules are lines of a text. */
export interface BrandFields {
  name: string
  description: string
  palette: Colour[]
  typography: string
  tone: string
  do: string
  dont: string
}

/** As many as the server takes. */
export const mostColours = 12

const text = (value: unknown) => (Array.isArray(value) ? value.join('\n') : typeof value === 'string' ? value : '')

/** Reads a brand kit, or whatever a session holds as guidelines; another client may have written those in its own way. */
export function fieldsOf(held: Partial<Record<keyof BrandFields, unknown>>): BrandFields {
  const palette: Partial<Colour>[] = Array.isArray(held.palette) ? held.palette : []
  return {
    name: text(held.name),
    description: text(held.description),
    palette: palette.map((one) => ({ name: text(one.name), hex: /^#[0-9a-f]{6}$/i.test(text(one.hex)) ? text(one.hex) : '#888888' })),
    typography: text(held.typography),
    tone: text(held.tone),
    do: text(held.do),
    dont: text(held.dont),
  }
}

export const emptyFields = fieldsOf({})

const lines = (value: string) => value.split('\n').map((one) => one.trim()).filter(Boolean)

/** What a brand kit is sent as. */
export function kitOf({ do: always, dont, ...rest }: BrandFields) {
  return { ...rest, name: rest.name.normalize('NFC').trim(), do: lines(always), dont: lines(dont) }
}

/** What a session keeps as its own guidelines: only what says something. */
export function guidelinesOf(fields: BrandFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(kitOf(fields)).filter(([, value]) => value.length > 0))
}

/** The kit that stands for itself where it has no logo: its colours, side by side. */
export function stripes(brand: Pick<Brand, 'palette'>) {
  const colours = brand.palette.map((one) => one.hex)
  if (colours.length === 0) return undefined
  return `linear-gradient(90deg, ${colours.map((hex, at) => `${hex} ${(at / colours.length) * 100}% ${((at + 1) / colours.length) * 100}%`).join(', ')})`
}
