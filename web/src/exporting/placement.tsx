import type { ExportedPreview } from '@gemini-image-chat/client'
import { clsx } from 'clsx'
import { Check, Download } from 'lucide-react'
import type { RefCallback } from 'react'
import { api, contentUrl } from '../api/client.ts'
import type { Picture, Purpose } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { useSettings } from '../settings/settings.ts'
import { bytes, count } from '../text/format.ts'
import { cropWindow, lost, type Focus } from './crop.ts'

interface PlacementProps {
  ref: RefCallback<HTMLElement>
  purpose: Purpose
  picture: Picture
  /** The focus that was chosen; without one the server finds each placement's own. */
  focus: Focus | undefined
  /** Where the crop is drawn around until the server has told. */
  guess: Focus
  file: ExportedPreview | undefined
  chosen: boolean
  onToggle: () => void
}

/** The box that a placement's drawing fits into, in px. */
const frame = 104

/** A placement drawn from the picture: what its crop shows, and the file as it will be. */
export function Placement({ ref, purpose, picture, focus, guess, file, chosen, onToggle }: PlacementProps) {
  const t = useT()
  const window = file?.crop ?? cropWindow(picture, purpose, guess)
  const scale = Math.min(frame / purpose.width, frame / purpose.height, 1)
  const width = Math.max(12, purpose.width * scale)
  const height = Math.max(12, purpose.height * scale)
  const address = api.images.exportUrl(picture.id, { purpose: purpose.id, ...(focus && { focus: `${focus.x},${focus.y}` }) })
  return (
    <li ref={ref} data-purpose={purpose.id} className="group relative">
      <button type="button" aria-pressed={chosen} onClick={onToggle} className={clsx('flex h-full w-full flex-col rounded-md border p-2 text-left transition-colors', chosen ? 'border-indigo bg-indigo-tint' : 'border-line hover:border-line-strong')}>
        <span className="mb-2 grid h-28 w-full place-items-center">
          <span className="relative block overflow-hidden rounded-xs" style={{ width, height }}>
            <img
              src={contentUrl(picture.id, { w: 640 })}
              alt=""
              className="absolute max-w-none"
              style={{ width: width / window.width, height: height / window.height, left: (-window.x * width) / window.width, top: (-window.y * height) / window.height }}
            />
          </span>
        </span>
        <span className="line-clamp-2 text-caption leading-snug font-medium">{purpose.name}</span>
        <span className="text-caption text-ink-3">{purpose.width}×{purpose.height}{purpose.is_unverified ? ` · ${t.exporting.unverified}` : ''}</span>
        <Weight purpose={purpose} file={file} />
        <Remarks purpose={purpose} picture={picture} file={file} cut={file && !file.error ? file.crop_percent / 100 : lost(window)} seen={window.width} />
      </button>
      {chosen && <span aria-hidden className="pointer-events-none absolute top-2 left-2 grid size-5 place-items-center rounded-full bg-indigo text-on-indigo"><Check className="size-3.5" /></span>}
      {!file?.error && <a href={address} download aria-label={`${t.exporting.one}: ${purpose.name}`} title={t.exporting.one} className="btn btn-icon btn-soft btn-sm absolute top-1.5 right-1.5 opacity-0 transition-opacity group-hover:opacity-100 focus-visible:opacity-100 pointer-coarse:opacity-100"><Download /></a>}
    </li>
  )
}

/** The file's format and exact bytes; the place's limit until they are known, and where they cannot be kept. */
function Weight({ purpose, file }: { purpose: Purpose; file: ExportedPreview | undefined }) {
  const t = useT()
  const language = useSettings((s) => s.language)
  if (file?.error) return <span className="text-caption text-gam">{purpose.max_bytes ? t.exporting.overLimit(bytes(purpose.max_bytes)) : file.error.detail}</span>
  if (!file) return <span className="text-caption text-ink-3">{purpose.max_bytes ? t.exporting.max(bytes(purpose.max_bytes)) : t.exporting.measuring}</span>
  return (
    <span className="text-caption text-ink-2 tabular-nums" title={purpose.max_bytes ? t.exporting.max(bytes(purpose.max_bytes)) : undefined}>
      {file.format?.toUpperCase()} · {t.exporting.bytes(count(file.bytes ?? 0, language))}
    </span>
  )
}

interface RemarksProps {
  purpose: Purpose
  picture: Picture
  file: ExportedPreview | undefined
  /** How much is cut away, and how much of the width is seen, 0…1. */
  cut: number
  seen: number
}

function Remarks({ purpose, picture, file, cut, seen }: RemarksProps) {
  const t = useT()
  // Until the server has told: a little enlarging is not seen, from a third more on it is.
  const warnings = file?.warnings ?? [...(cut > 0.25 ? ['cropped'] : []), ...(purpose.width > picture.width * seen * 1.33 ? ['enlarged'] : [])]
  return (
    <span className={clsx('text-caption', warnings.includes('cropped') || warnings.includes('coarse') ? 'text-gam' : 'text-ink-3')}>
      {cut < 0.005 ? t.exporting.noCrop : t.exporting.crop(`${Math.round(cut * 100)}%`)}
      {warnings.includes('enlarged') && ` · ${t.exporting.upscaled}`}
      {warnings.includes('coarse') && ` · ${t.exporting.coarse}`}
    </span>
  )
}
