import { clsx } from 'clsx'
import { useEffect, useRef } from 'react'
import { contentUrl } from '../api/client.ts'
import type { Picture } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { familyOf, type Version } from './versions.ts'

/** The place of a version, in px: a thumb and the way to the next. */
const cell = { width: 84, height: 72, thumb: 56 }

/** Which picture came from which: columns are edits, lines lead from parent to child. */
export function VersionStrip({ picture, pictures, onChoose }: { picture: Picture; pictures: readonly Picture[]; onChoose: (id: string) => void }) {
  const t = useT()
  const family = familyOf(pictures, picture.id)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    box.current?.querySelector(`[data-version="${picture.id}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [picture.id])
  if (family.length < 2) return null
  const width = (Math.max(...family.map((one) => one.depth)) + 1) * cell.width - (cell.width - cell.thumb)
  const height = (Math.max(...family.map((one) => one.row)) + 1) * cell.height - (cell.height - cell.thumb)
  return (
    <section aria-labelledby="versions">
      <h2 id="versions" className="mb-2 text-caption font-medium text-ink-3">{t.inspector.versions}</h2>
      <div ref={box} className="-m-1.5 max-h-60 overflow-auto p-1.5">
        <div className="relative" style={{ width, height }}>
          <svg aria-hidden width={width} height={height} className="absolute inset-0 text-line-strong">
            {family.map((one) => one.parent && <path key={one.picture.id} d={pathTo(one, one.parent)} fill="none" stroke="currentColor" strokeWidth="2" />)}
          </svg>
          {family.map((one) => (
            <button
              key={one.picture.id}
              type="button"
              data-version={one.picture.id}
              aria-current={one.picture.id === picture.id || undefined}
              aria-label={`${t.inspector.version(one.number)}, ${one.parent ? t.inspector.from(one.parent.number) : t.inspector.original}`}
              title={one.picture.prompt_used ?? undefined}
              onClick={() => onChoose(one.picture.id)}
              style={{ left: one.depth * cell.width, top: one.row * cell.height }}
              className={clsx('absolute size-14 overflow-hidden rounded-sm bg-sunken', one.picture.id === picture.id ? 'ring-2 ring-indigo ring-offset-2 ring-offset-paper' : 'ring-1 ring-line-strong hover:ring-ink-3')}
            >
              <img src={contentUrl(one.picture.id, { w: 128 })} alt="" width={56} height={56} loading="lazy" decoding="async" className="picture size-full" />
              <span className="absolute bottom-0.5 left-0.5 rounded-xs bg-raised/90 px-1 text-caption leading-tight font-medium">{one.number}</span>
            </button>
          ))}
        </div>
      </div>
    </section>
  )
}

function pathTo(version: Version, parent: Version) {
  const x1 = parent.depth * cell.width + cell.thumb
  const y1 = parent.row * cell.height + cell.thumb / 2
  const x2 = version.depth * cell.width
  const y2 = version.row * cell.height + cell.thumb / 2
  const bend = x1 + (x2 - x1) / 2
  return y1 === y2 ? `M${x1} ${y1}H${x2}` : `M${x1} ${y1}H${bend - 6}Q${bend} ${y1} ${bend} ${y1 + 6}V${y2 - 6}Q${bend} ${y2} ${bend + 6} ${y2}H${x2}`
}
