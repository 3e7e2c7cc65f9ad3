import { Check, Download, FileArchive } from 'lucide-react'
import { clsx } from 'clsx'
import { useMemo, useState } from 'react'
import { api, contentUrl, problemOf } from '../api/client.ts'
import { usePurposes } from '../api/queries.ts'
import type { Picture, Purpose } from '../api/types.ts'
import { grouped } from '../conversation/presets.tsx'
import { useT } from '../i18n/i18n.ts'
import type { ToolProps } from '../inspector/tools.tsx'
import { bytes } from '../text/format.ts'
import { matches } from '../text/hangul.ts'
import { Button, Dialog } from '../ui/kit.tsx'
import { toast } from '../ui/toast.tsx'
import { cropWindow, lost, type Focus } from './crop.ts'
import { FocusPicker } from './focus-picker.tsx'
import { saveBlob } from './save.ts'

/** Every placement drawn from the chosen picture, with what its crop cuts, before anything is saved. */
export default function ExportDialog({ picture, session, onClose }: ToolProps) {
  const t = useT()
  const purposes = usePurposes()
  const [focus, setFocus] = useState<Focus>({ x: 0.5, y: 0.5 })
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set([session.image_purpose]))
  const groups = useMemo(() => grouped((purposes.data ?? []).filter((one) => one.width > 0 && matches(`${one.name} ${one.group_name} ${one.id}`, query))), [purposes.data, query])
  const toggle = (id: string) => setChosen((known) => (known.has(id) ? new Set([...known].filter((one) => one !== id)) : new Set([...known, id])))
  return (
    <Dialog open onClose={onClose} title={t.exporting.title} description={t.exporting.hint} size="wide">
      <div className="grid gap-6 px-6 pt-4 md:grid-cols-[18rem_1fr]">
        <div className="md:sticky md:top-4 md:self-start">
          <FocusPicker picture={picture} focus={focus} onFocus={setFocus} />
          {picture.provenance?.c2pa && <p className="pt-3 text-caption text-ink-3">{t.exporting.c2pa}</p>}
        </div>
        <div className="min-w-0">
          <input type="text" role="searchbox" aria-label={t.exporting.search} placeholder={t.exporting.search} value={query} onChange={(event) => setQuery(event.target.value)} className="field border-transparent bg-sunken" />
          {groups.map(([group, list]) => (
            <section key={group} aria-label={group} className="pt-4">
              <h3 className="mb-2 text-caption font-medium text-ink-3">{group}</h3>
              <ul className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-4">
                {list.map((one) => <Placement key={one.id} purpose={one} picture={picture} focus={focus} chosen={chosen.has(one.id)} onToggle={() => toggle(one.id)} />)}
              </ul>
            </section>
          ))}
        </div>
      </div>
      <Footer picture={picture} sessionId={session.id} chosen={chosen} focus={focus} purposes={purposes.data ?? []} onChosen={setChosen} />
    </Dialog>
  )
}

interface PlacementProps {
  purpose: Purpose
  picture: Picture
  focus: Focus
  chosen: boolean
  onToggle: () => void
}

/** The box that a placement's drawing fits into, in px. */
const frame = 104

function Placement({ purpose, picture, focus, chosen, onToggle }: PlacementProps) {
  const t = useT()
  const window = cropWindow(picture, purpose, focus)
  const cut = lost(window)
  const scale = Math.min(frame / purpose.width, frame / purpose.height, 1)
  const width = Math.max(12, purpose.width * scale)
  const height = Math.max(12, purpose.height * scale)
  // A little enlarging is not seen; from a third more on, it is.
  const larger = purpose.width > picture.width * window.width * 1.33
  return (
    <li className="group relative">
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
        <span className="text-caption text-ink-3">{purpose.width}×{purpose.height}{purpose.is_unverified ? ` · ${t.exporting.unverified}` : ''}{purpose.max_bytes ? ` · ${t.exporting.max(bytes(purpose.max_bytes))}` : ''}</span>
        <span className={clsx('text-caption', cut > 0.25 ? 'text-gam' : 'text-ink-3')}>
          {cut < 0.005 ? t.exporting.noCrop : t.exporting.crop(`${Math.round(cut * 100)}%`)}{larger && ` · ${t.exporting.upscaled}`}
        </span>
      </button>
      {chosen && <span aria-hidden className="pointer-events-none absolute top-2 left-2 grid size-5 place-items-center rounded-full bg-indigo text-on-indigo"><Check className="size-3.5" /></span>}
      <a href={api.images.exportUrl(picture.id, { purpose: purpose.id, focus: `${focus.x.toFixed(3)},${focus.y.toFixed(3)}` })} download aria-label={`${t.exporting.one}: ${purpose.name}`} title={t.exporting.one} className="btn btn-icon btn-soft btn-sm absolute top-1.5 right-1.5 opacity-0 transition-opacity group-hover:opacity-100 focus-visible:opacity-100 pointer-coarse:opacity-100"><Download /></a>
    </li>
  )
}

interface FooterProps {
  picture: Picture
  sessionId: string
  chosen: ReadonlySet<string>
  focus: Focus
  purposes: readonly Purpose[]
  onChosen: (chosen: ReadonlySet<string>) => void
}

function Footer({ picture, sessionId, chosen, focus, purposes, onChosen }: FooterProps) {
  const t = useT()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const run = async () => {
    setBusy(true)
    setProblem('')
    try {
      const blob = await api.exports.create(sessionId, { image_id: picture.id, purposes: [...chosen], focus })
      saveBlob(blob, `${sessionId.slice(0, 8)}-${picture.id.slice(-6)}.zip`)
      toast(t.exporting.done(chosen.size))
    } catch (error) {
      setProblem(problemOf(error).detail ?? t.failure.network)
    } finally {
      setBusy(false)
    }
  }
  const all = chosen.size >= purposes.filter((one) => one.width > 0).length
  return (
    <div className="sticky bottom-0 mt-5 flex flex-wrap items-center gap-3 border-t border-line bg-raised px-6 py-4">
      <span className="text-ink-2" role="status">{t.exporting.chosen(chosen.size)}</span>
      <Button small tone="ghost" onClick={() => onChosen(new Set(all ? [] : purposes.filter((one) => one.width > 0).map((one) => one.id)))}>{all ? t.exporting.clear : t.exporting.all}</Button>
      {problem && <p role="alert" className="text-caption text-gam">{problem}</p>}
      <Button tone="accent" className="ml-auto" disabled={busy || chosen.size === 0} onClick={() => void run()}><FileArchive />{busy ? t.exporting.zipBusy : t.exporting.zip}</Button>
    </div>
  )
}
