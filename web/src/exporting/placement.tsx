import type { ExportedPreview } from '@gemini-image-chat/client'
import { clsx } from 'clsx'
import { Check, Download, Maximize2, RefreshCw } from 'lucide-react'
import type { RefCallback } from 'react'
import { api } from '../api/client.ts'
import type { Picture, Purpose } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { useSettings } from '../settings/settings.ts'
import { bytes, count, usd } from '../text/format.ts'
import { Button, IconButton } from '../ui/kit.tsx'
import { asQuery, focusOf, type Making } from './choice.ts'
import { cropWindow, lost, type Focus } from './crop.ts'
import { Drawing } from './drawing.tsx'
import { muchCut, type Remake } from './remake.ts'

export interface PlacementProps {
  purpose: Purpose
  picture: Picture
  making: Making
  /** Where the crop is drawn around until the server has told. */
  guess: Focus
  file: ExportedPreview | undefined
  chosen: boolean
  remake: Remake
  onToggle: () => void
}

/** The box that a placement's drawing fits into, in px. */
const box = { width: 190, height: 132 }

/** A placement drawn from the picture: what its crop shows, and the file as it will be. */
export function Placement({ ref, onOpen, ...props }: PlacementProps & { ref: RefCallback<HTMLElement>; onOpen: () => void }) {
  const t = useT()
  const { purpose, file, chosen, onToggle } = props
  const note = purpose.hint ?? purpose.text_rules
  return (
    <li ref={ref} data-purpose={purpose.id} className={clsx('group relative flex flex-col rounded-md border transition-colors', chosen ? 'border-indigo bg-indigo-tint' : 'border-line hover:border-line-strong')}>
      <button type="button" aria-pressed={chosen} onClick={onToggle} className="flex w-full flex-1 flex-col rounded-md p-2 text-left">
        <span className="mb-2 grid h-34 w-full place-items-center"><Drawing {...props} box={box} /></span>
        <span className="line-clamp-2 text-caption leading-snug font-medium">{purpose.name}</span>
        <span className="text-caption text-ink-3">{purpose.width}×{purpose.height}{purpose.is_unverified ? ` · ${t.exporting.unverified}` : ''}</span>
        <Weight purpose={purpose} file={file} />
        <Remarks {...props} />
        {note && <span className="line-clamp-2 text-caption text-ink-3">{note}</span>}
        {chosen && <Check aria-hidden className="absolute top-2 left-2 size-5 rounded-full bg-indigo p-0.5 text-on-indigo" />}
      </button>
      <div className="flex flex-wrap items-center gap-1 px-1.5 pb-1.5">
        <RemakeButton {...props} />
        <span className="ml-auto flex">
          <IconButton small label={t.exporting.look(purpose.name)} onClick={onOpen}><Maximize2 /></IconButton>
          <SaveOne {...props} />
        </span>
      </div>
    </li>
  )
}

/** Saves the one file, under the name that the server gives it. */
export function SaveOne({ purpose, picture, making, file }: PlacementProps) {
  const t = useT()
  if (file?.error) return null
  return (
    <a href={api.images.exportUrl(picture.id, asQuery(making, purpose.id))} download aria-label={`${t.exporting.one}: ${purpose.name}`} title={t.exporting.one} className="btn btn-icon btn-ghost btn-sm">
      <Download />
    </a>
  )
}

/** The share that is cut away, 0…1: as the server told, until then as it looks. */
function cutOf({ purpose, picture, making, guess, file }: PlacementProps) {
  if (making.fit === 'contain') return 0
  return file && !file.error ? file.crop_percent / 100 : lost(cropWindow(picture, purpose, focusOf(making, purpose.id) ?? guess))
}

/** Offers to make the picture anew where a crop would cut much of it away. */
export function RemakeButton(props: PlacementProps) {
  const t = useT()
  const { purpose, remake } = props
  if (cutOf(props) * 100 <= muchCut) return null
  const { price } = remake
  const asked = remake.asked.has(purpose.id)
  return (
    <Button small tone="line" disabled={asked} aria-label={`${purpose.name}: ${t.exporting.remake}`} onClick={() => remake.remake(purpose)} className="px-2">
      <RefreshCw />
      {asked ? t.sessions.working : price ? t.exporting.remakeFor(usd(price)) : t.exporting.remake}
    </Button>
  )
}

/** How heavy the file will be, exactly once the server has made it. */
export function Weight({ purpose, file }: Pick<PlacementProps, 'purpose' | 'file'>) {
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

/** What a person should look at in the file. */
export function Remarks(props: PlacementProps) {
  const t = useT()
  const { purpose, picture, file, making } = props
  const cut = cutOf(props)
  const seen = (file?.crop ?? cropWindow(picture, purpose, focusOf(making, purpose.id) ?? props.guess)).width
  // Until the server has told: a little enlarging is not seen, from a third more on it is.
  const warnings: readonly string[] = file?.warnings ?? [...(cut * 100 > muchCut ? ['cropped'] : []), ...(purpose.width > picture.width * seen * 1.33 ? ['enlarged'] : [])]
  const loud = ['cropped', 'coarse', 'opaque', 'low_contrast'].some((one) => warnings.includes(one))
  return (
    <span className={clsx('text-caption', loud ? 'text-gam' : 'text-ink-3')}>
      {cut < 0.005 ? t.exporting.noCrop : t.exporting.crop(`${Math.round(cut * 100)}%`)}
      {warnings.includes('enlarged') && ` · ${t.exporting.upscaled}`}
      {warnings.includes('coarse') && ` · ${t.exporting.coarse}`}
      {warnings.includes('opaque') && ` · ${t.exporting.opaque}`}
      {warnings.includes('low_contrast') && ` · ${t.exporting.faint}`}
    </span>
  )
}
