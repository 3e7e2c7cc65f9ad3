import type { ExportedPreview } from '@gemini-image-chat/client'
import { FileArchive } from 'lucide-react'
import { useCallback, useMemo, useState, type KeyboardEvent, type RefCallback } from 'react'
import { api, problemOf } from '../api/client.ts'
import { usePurposes } from '../api/queries.ts'
import type { Picture, Purpose, Session } from '../api/types.ts'
import { grouped } from '../conversation/presets.tsx'
import { customPurpose } from '../conversation/pricing.ts'
import { useT } from '../i18n/i18n.ts'
import type { ToolProps } from '../inspector/tools.tsx'
import { bytes } from '../text/format.ts'
import { matches } from '../text/hangul.ts'
import { Button, Dialog } from '../ui/kit.tsx'
import { toast } from '../ui/toast.tsx'
import { centre, type Focus } from './crop.ts'
import { FocusPicker } from './focus-picker.tsx'
import { Placement } from './placement.tsx'
import { usePreviews } from './previews.ts'
import { saveBlob } from './save.ts'

/** Every placement drawn from the chosen picture, with what its crop cuts and the bytes of its file, before anything is saved. */
export default function ExportDialog({ picture, session, onClose }: ToolProps) {
  const t = useT()
  const purposes = usePurposes()
  const [focus, setFocus] = useState<Focus | undefined>()
  const [query, setQuery] = useState('')
  const sized = useMemo(() => placementsFor(session, purposes.data ?? []), [session, purposes.data])
  const [picked, setChosen] = useState<ReadonlySet<string>>()
  const chosen = useMemo(() => picked ?? new Set(sized.map((one) => one.id).filter((id) => id === session.image_purpose)), [picked, sized, session.image_purpose])
  const listed = useMemo(() => sized.filter((one) => matches(`${one.name} ${one.group_name} ${one.id}`, query)), [sized, query])
  const [seen, watch] = useSeen()
  // What was chosen comes first, then what is on the screen.
  const wanted = useMemo(() => {
    const known = new Set(sized.map((one) => one.id))
    return [...new Set([...chosen, ...listed.map((one) => one.id).filter((id) => seen.has(id))])].filter((id) => known.has(id))
  }, [chosen, listed, seen, sized])
  const { files, found } = usePreviews(picture.id, wanted, focus)
  const guess = focus ?? found ?? centre
  const toggle = (id: string) => setChosen(chosen.has(id) ? new Set([...chosen].filter((one) => one !== id)) : new Set([...chosen, id]))
  return (
    <Dialog open onClose={onClose} title={t.exporting.title} description={t.exporting.hint} size="wide">
      <div className="grid gap-6 px-6 pt-4 md:grid-cols-[18rem_1fr]">
        <div className="md:sticky md:top-4 md:self-start">
          <FocusPicker picture={picture} focus={focus} found={found} onFocus={setFocus} />
          {picture.provenance?.c2pa && <p className="pt-3 text-caption text-ink-3">{t.exporting.c2pa}</p>}
        </div>
        <div className="min-w-0">
          <input type="text" role="searchbox" aria-label={t.exporting.search} placeholder={t.exporting.search} value={query} onChange={(event) => setQuery(event.target.value)} onKeyDown={(event) => clearsFirst(event, () => setQuery(''))} className="field border-transparent bg-sunken" />
          {grouped(listed).map(([group, places]) => (
            <section key={group} aria-label={group} className="pt-4">
              <h3 className="mb-2 text-caption font-medium text-ink-3">{group}</h3>
              <ul className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-4">
                {places.map((one) => <Placement key={one.id} ref={watch} purpose={one} picture={picture} focus={focus} guess={guess} file={files.get(one.id)} chosen={chosen.has(one.id)} onToggle={() => toggle(one.id)} />)}
              </ul>
            </section>
          ))}
        </div>
      </div>
      <Footer picture={picture} sessionId={session.id} chosen={chosen} focus={focus} files={files} all={sized.map((one) => one.id)} onChosen={setChosen} />
    </Dialog>
  )
}

/** Escape empties a field that holds something; only then does it close what the field stands in. */
function clearsFirst(event: KeyboardEvent<HTMLInputElement>, clear: () => void) {
  if (event.key !== 'Escape' || event.nativeEvent.isComposing || event.currentTarget.value === '') return
  event.stopPropagation()
  clear()
}

/** The conversation's own size, if it has one, and every placement that has a size. */
function placementsFor({ custom_width: width = 0, custom_height: height = 0 }: Session, purposes: readonly Purpose[]) {
  const own = purposes.filter((one) => one.id === customPurpose && width > 0 && height > 0).map((one) => ({ ...one, width, height }))
  return [...own, ...purposes.filter((one) => one.width > 0)]
}

/** Which placements are on the screen, or have been: only those are worked out by the server. Each is watched by the ref. */
function useSeen(): [ReadonlySet<string>, RefCallback<HTMLElement>] {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set())
  const [observer] = useState(
    () =>
      new IntersectionObserver((entries) => {
        const fresh = entries.filter((one) => one.isIntersecting).map((one) => (one.target as HTMLElement).dataset.purpose ?? '')
        if (fresh.length > 0) setSeen((known) => new Set([...known, ...fresh]))
      }),
  )
  const watch = useCallback(
    (element: HTMLElement | null) => {
      if (!element) return
      observer.observe(element)
      return () => observer.unobserve(element)
    },
    [observer],
  )
  return [seen, watch]
}

interface FooterProps {
  picture: Picture
  sessionId: string
  chosen: ReadonlySet<string>
  focus: Focus | undefined
  files: ReadonlyMap<string, ExportedPreview>
  all: readonly string[]
  onChosen: (chosen: ReadonlySet<string>) => void
}

function Footer({ picture, sessionId, chosen, focus, files, all, onChosen }: FooterProps) {
  const t = useT()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const run = async () => {
    setBusy(true)
    setProblem('')
    try {
      const blob = await api.exports.create(sessionId, { image_id: picture.id, purposes: [...chosen], ...(focus && { focus }) })
      saveBlob(blob, `${sessionId.slice(0, 8)}-${picture.id.slice(-6)}.zip`)
      toast(t.exporting.done(chosen.size))
    } catch (error) {
      setProblem(problemOf(error).detail ?? t.failure.network)
    } finally {
      setBusy(false)
    }
  }
  const known = [...chosen].flatMap((id) => files.get(id) ?? [])
  const impossible = known.filter((one) => one.error)
  const weight = known.length === chosen.size && chosen.size > 0 && impossible.length === 0 ? ` · ${t.exporting.together(bytes(known.reduce((sum, one) => sum + (one.bytes ?? 0), 0)))}` : ''
  const every = chosen.size >= all.length
  return (
    <div className="sticky bottom-0 mt-5 flex flex-wrap items-center gap-3 border-t border-line bg-raised px-6 py-4">
      <span className="text-ink-2" role="status">{t.exporting.chosen(chosen.size)}{weight}</span>
      <Button small tone="ghost" onClick={() => onChosen(new Set(every ? [] : all))}>{every ? t.exporting.clear : t.exporting.all}</Button>
      {impossible.length > 0 && (
        <p role="alert" className="flex items-center gap-2 text-caption text-gam">
          {t.exporting.impossible(impossible.length)}
          <Button small onClick={() => onChosen(new Set([...chosen].filter((id) => !files.get(id)?.error)))}>{t.exporting.leaveOut}</Button>
        </p>
      )}
      {problem && <p role="alert" className="text-caption text-gam">{problem}</p>}
      <Button tone="accent" className="ml-auto" disabled={busy || chosen.size === 0 || impossible.length > 0} onClick={() => void run()}><FileArchive />{busy ? t.exporting.zipBusy : t.exporting.zip}</Button>
    </div>
  )
}
