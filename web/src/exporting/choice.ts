import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import type { Focus } from './crop.ts'

export type Fit = 'cover' | 'contain'
export type Format = '' | 'png' | 'jpeg'

/** How the files of an export are made. */
export interface Making {
  fit: Fit
  /** Empty: each placement's own. */
  format: Format
  /** The focus of all placements; without one the server finds each placement's own. */
  focus: Focus | undefined
  /** The focus of single placements, by id; it comes before that of all. */
  focuses: Readonly<Record<string, Focus>>
}

/** The focus that a placement's crop is made around, where one was set. */
export function focusOf(making: Making, purpose: string): Focus | undefined {
  return making.focuses[purpose] ?? making.focus
}

/** The part of an export's request that says how the files of these placements are made. */
export function asRequest({ fit, format, focus, focuses }: Making, purposes: readonly string[]) {
  const own = Object.fromEntries(Object.entries(focuses).filter(([id]) => purposes.includes(id)))
  return {
    ...(fit !== 'cover' && { fit }),
    ...(format && { formats: [format] }),
    ...(focus && { focus }),
    ...(Object.keys(own).length > 0 && { focuses: own }),
  }
}

/** The same for the address of one file. */
export function asQuery(making: Making, purpose: string) {
  const focus = focusOf(making, purpose)
  return { purpose, ...(making.fit !== 'cover' && { fit: making.fit }), ...(making.format && { format: making.format }), ...(focus && { focus: `${focus.x},${focus.y}` }) }
}

interface LastExport {
  purposes: readonly string[]
  fit: Fit
  format: Format
  keep: (change: Partial<Omit<LastExport, 'keep'>>) => void
}

/** What was exported last time, which is what is offered next time. */
export const useLastExport = create<LastExport>()(
  persist((set) => ({ purposes: [], fit: 'cover', format: '', keep: (change) => set(change) }), { name: 'imagechat.export', version: 1 }),
)
