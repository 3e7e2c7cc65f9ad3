import { useCallback, useMemo, useState, type KeyboardEvent, type RefCallback } from 'react'
import { usePurposes } from '../api/queries.ts'
import type { Purpose, Session } from '../api/types.ts'
import { grouped } from '../conversation/presets.tsx'
import { customPurpose } from '../conversation/pricing.ts'
import { useT } from '../i18n/i18n.ts'
import type { ToolProps } from '../inspector/tool.ts'
import { matches } from '../text/hangul.ts'
import { Button, Dialog } from '../ui/kit.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { useLastExport, type Fit, type Format, type Making } from './choice.ts'
import { Closeup } from './closeup.tsx'
import { centre, cropWindow, lost, type Focus } from './crop.ts'
import { FocusPicker } from './focus-picker.tsx'
import { Footer } from './footer.tsx'
import { Placement } from './placement.tsx'
import { usePreviews } from './previews.ts'
import { muchCut, useRemake } from './remake.ts'

/** Every placement drawn from the chosen picture, with what its crop cuts and the bytes of its file, before anything is saved. */
export default function ExportDialog({ picture, session, onClose }: ToolProps) {
  const t = useT()
  const purposes = usePurposes()
  const sized = useMemo(() => placementsFor(session, purposes.data ?? []), [session, purposes.data])
  const { making, change, focusOne } = useMaking()
  const { chosen, choose, toggle } = useChosen(session, sized)
  const [query, setQuery] = useState('')
  const [chosenOnly, setChosenOnly] = useState(false)
  const [opened, open] = useState<string>()
  const listed = useMemo(() => sized.filter((one) => matches(`${one.name} ${one.group_name} ${one.id}`, query) && (!chosenOnly || chosen.has(one.id))), [sized, query, chosenOnly, chosen])
  const [seen, watch] = useSeen()
  // What is looked at comes first, then what was chosen, then what is on the screen.
  const wanted = useMemo(() => {
    const known = new Set(sized.map((one) => one.id))
    return [...new Set([...(opened ? [opened] : []), ...chosen, ...listed.map((one) => one.id).filter((id) => seen.has(id))])].filter((id) => known.has(id))
  }, [opened, chosen, listed, seen, sized])
  const { files, found } = usePreviews(picture.id, wanted, making)
  const guess = making.focus ?? found ?? centre
  const remake = useRemake(session, picture, sized.find((one) => lost(cropWindow(picture, one, guess)) * 100 > muchCut))
  const propsOf = (one: Purpose) => ({ purpose: one, picture, making, guess, file: files.get(one.id), chosen: chosen.has(one.id), remake, onToggle: () => toggle(one.id) })
  const shown = sized.find((one) => one.id === opened)
  return (
    <Dialog open onClose={onClose} title={t.exporting.title} description={t.exporting.hint} size="wide">
      {shown && <Closeup {...propsOf(shown)} found={found} onFocus={(focus) => focusOne(shown.id, focus)} onBack={() => open(undefined)} />}
      <div hidden={shown !== undefined} className="grid gap-6 px-6 pt-4 md:grid-cols-[18rem_1fr] [[hidden]]:hidden">
        <div className="space-y-4 md:sticky md:top-4 md:self-start">
          <FocusPicker picture={picture} label={t.exporting.focus} focus={making.focus} found={found} onFocus={(focus) => change({ focus })} leave={t.exporting.foundFocus} hint={t.exporting.foundHint} />
          <HowMade making={making} onChange={change} />
          {picture.provenance?.c2pa && <p className="text-caption text-ink-3">{t.exporting.c2pa}</p>}
        </div>
        <div className="min-w-0">
          <div className="flex gap-2">
            <input type="text" role="searchbox" aria-label={t.exporting.search} placeholder={t.exporting.search} value={query} onChange={(event) => setQuery(event.target.value)} onKeyDown={(event) => clearsFirst(event, () => setQuery(''))} className="field min-w-0 border-transparent bg-sunken" />
            <button type="button" className="chip min-h-10 flex-none" aria-pressed={chosenOnly} onClick={() => setChosenOnly(!chosenOnly)}>{t.exporting.chosenOnly}</button>
          </div>
          {listed.length === 0 && <p className="py-10 text-center text-ink-3">{chosenOnly ? t.exporting.noneChosen : t.exporting.noMatch}</p>}
          {grouped(listed).map(([group, places]) => (
            <section key={group} aria-label={group} className="pt-4">
              <GroupHead name={group} ids={places.map((one) => one.id)} chosen={chosen} onChosen={choose} />
              <ul className="grid grid-cols-2 gap-3 sm:grid-cols-3">
                {places.map((one) => <Placement key={one.id} ref={watch} {...propsOf(one)} onOpen={() => open(one.id)} />)}
              </ul>
            </section>
          ))}
        </div>
      </div>
      <Footer picture={picture} sessionId={session.id} chosen={chosen} making={making} files={files} all={sized.map((one) => one.id)} onChosen={choose} />
    </Dialog>
  )
}

/** How the files are made, beginning with what was used last. */
function useMaking() {
  const last = useLastExport()
  const [making, setMaking] = useState<Making>({ fit: last.fit, format: last.format, focus: undefined, focuses: {} })
  const change = (part: Partial<Making>) => setMaking({ ...making, ...part })
  const focusOne = (id: string, focus: Focus | undefined) => {
    const { [id]: _, ...others } = making.focuses
    change({ focuses: focus ? { ...others, [id]: focus } : others })
  }
  return { making, change, focusOne }
}

/** Which placements are chosen: at first those of the last export and the conversation's own. */
function useChosen(session: Session, sized: readonly Purpose[]) {
  const last = useLastExport((s) => s.purposes)
  const [first] = useState(last)
  const [picked, choose] = useState<ReadonlySet<string>>()
  const chosen = useMemo(() => {
    const wished = picked ?? new Set([session.image_purpose, ...first])
    return new Set(sized.map((one) => one.id).filter((id) => wished.has(id)))
  }, [picked, first, sized, session.image_purpose])
  const toggle = (id: string) => choose(chosen.has(id) ? new Set([...chosen].filter((one) => one !== id)) : new Set([...chosen, id]))
  return { chosen, choose, toggle }
}

function HowMade({ making, onChange }: { making: Making; onChange: (change: Partial<Making>) => void }) {
  const t = useT()
  return (
    <div className="grid gap-3 max-md:grid-cols-2">
      <Segmented<Fit> label={t.exporting.fit} value={making.fit} onChange={(fit) => onChange({ fit })} options={(['cover', 'contain'] as const).map((value) => ({ value, label: t.exporting[value] }))} />
      <Segmented<Format> label={t.exporting.format} value={making.format} onChange={(format) => onChange({ format })} options={[{ value: '', label: t.exporting.auto }, { value: 'png', label: 'PNG' }, { value: 'jpeg', label: 'JPEG' }]} />
    </div>
  )
}

function GroupHead({ name, ids, chosen, onChosen }: { name: string; ids: readonly string[]; chosen: ReadonlySet<string>; onChosen: (chosen: ReadonlySet<string>) => void }) {
  const t = useT()
  const every = ids.every((id) => chosen.has(id))
  const toggle = () => onChosen(every ? new Set([...chosen].filter((id) => !ids.includes(id))) : new Set([...chosen, ...ids]))
  return (
    <div className="mb-2 flex items-center justify-between gap-2">
      <h3 className="text-caption font-medium text-ink-3">{name}</h3>
      <Button small tone="ghost" aria-label={`${name}: ${every ? t.exporting.clear : t.exporting.all}`} onClick={toggle}>{every ? t.exporting.clear : t.exporting.all}</Button>
    </div>
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
