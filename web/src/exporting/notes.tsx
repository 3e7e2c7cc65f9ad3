import { Info, Type } from 'lucide-react'
import type { CSSProperties } from 'react'
import type { Purpose } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { useSettings } from '../settings/settings.ts'
import { day } from '../text/format.ts'

/** The shares of a placement, in percent, that its app covers. */
function covered({ width, height, safe_area: area }: Purpose) {
  if (!area || width === 0 || height === 0) return undefined
  const share = (px: number, of: number) => (px / of) * 100
  return { top: share(area.top, height), bottom: share(area.bottom, height), left: share(area.left, width), right: share(area.right, width) }
}

/** Draws over a preview what must hold nothing important. */
export function SafeArea({ purpose }: { purpose: Purpose }) {
  const edges = covered(purpose)
  if (!edges) return null
  const { top, bottom, left, right } = edges
  return <span aria-hidden data-safe-area className="safe-area" style={{ '--top': `${top}%`, '--right': `${right}%`, '--bottom': `${bottom}%`, '--left': `${left}%` } as CSSProperties} />
}

/** What is known of a placement beside its size: hints, rules for words, what an app covers, and how sure the figures are. */
export function PurposeNotes({ purpose, className }: { purpose: Purpose; className?: string }) {
  const t = useT()
  const language = useSettings((s) => s.language)
  const edges = covered(purpose)
  const sides = edges && (['top', 'bottom', 'left', 'right'] as const).filter((side) => edges[side] > 0).map((side) => `${t.placement[side]} ${Math.ceil(edges[side])}%`)
  // A hint of its own says better where the app's buttons are.
  const notes = [purpose.hint, !purpose.hint && sides && sides.length > 0 && t.placement.keepFree(sides.join(', '))].filter(Boolean)
  const doubts = [purpose.is_unverified && t.placement.unverified, purpose.is_stale && t.placement.stale].filter(Boolean)
  if (notes.length + doubts.length === 0 && !purpose.text_rules) return null
  return (
    <ul className={`space-y-1 text-caption text-ink-2 ${className ?? ''}`}>
      {notes.map((note) => <li key={String(note)} className="flex gap-2"><Info aria-hidden className="mt-0.5 size-4 flex-none text-ink-3" />{note}</li>)}
      {purpose.text_rules && <li className="flex gap-2"><Type aria-hidden className="mt-0.5 size-4 flex-none text-ink-3" />{purpose.text_rules}</li>}
      {doubts.length > 0 && <li className="text-ink-3">{doubts.join(' ')}{purpose.checked_on && ` ${t.placement.checkedOn(day(purpose.checked_on, language))}`}</li>}
    </ul>
  )
}
