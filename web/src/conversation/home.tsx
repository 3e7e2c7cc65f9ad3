import { LayoutGrid } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { api, problemOf } from '../api/client.ts'
import { keys, queryClient, usePurposes } from '../api/queries.ts'
import type { Picture, Purpose, Trouble, TurnRequest } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { useSettings } from '../settings/settings.ts'
import { useTitle } from '../shell/title.ts'
import { Warnings } from '../shell/warnings.tsx'
import { Popover } from '../ui/menu.tsx'
import { Ratio } from '../ui/ratio.tsx'
import { Composer } from './composer.tsx'
import { DemoPanel } from './demo-panel.tsx'
import { focusComposer, newDraft, useDrafts } from './draft.ts'
import { Examples, Recent } from './home-pictures.tsx'
import { queueTurn, useOutgoing } from './outgoing.ts'
import { draftOf } from './references.tsx'
import { PurposeList, purposePopover, useSized } from './presets.tsx'
import { customPurpose, customSize } from './pricing.ts'

/** How much of the first message becomes the conversation's name, in characters. */
const titleLength = 40

/** Where a new conversation starts: by saying what to make. */
export function HomePage() {
  const t = useT()
  const { purpose, style, choose } = usePreset()
  const initial = useSettings((s) => s.defaultBrand)
  const [brand, setBrand] = useState(initial)
  const { send, problem, busy } = useStart(purpose, style, brand)
  const change = useDrafts((s) => s.change)
  const begin = (wanted: string, text: string) => {
    choose({ purpose: wanted })
    change(newDraft, { text })
    focusComposer()
  }
  useTitle('')
  useEffect(() => {
    // Where sending leads; fetched while one writes.
    const timer = setTimeout(() => void import('./page.tsx'), 3000)
    if (!window.matchMedia('(pointer: coarse)').matches) focusComposer()
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className="flex min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto h-fit w-full max-w-3xl px-4 pt-8 pb-10 md:px-8 md:pt-[11vh]">
        <h1 className="text-display font-bold">{t.home.title}</h1>
        <p className="mt-2 mb-7 text-lead text-ink-2">{t.home.hint}</p>
        <PurposeCards value={purpose} onChange={(id) => choose({ purpose: id })} />
        <Composer session={newDraft} purpose={purpose} style={style} onPreset={choose} brand={brand} onBrand={setBrand} onSend={(request, references) => void send(request, references)} placeholder={t.composer.placeholder} />
        {busy && <p role="status" className="mt-3 text-caption text-ink-3">{t.thread.sending}</p>}
        {problem && <Refusal problem={problem} />}
        <Warnings className="mt-6" />
        <DemoPanel />
        <Recent />
        <Examples onUse={begin} />
      </div>
    </div>
  )
}

/** Why nothing was begun; the words are back in the field. */
function Refusal({ problem: { code, detail } }: { problem: Trouble }) {
  const t = useT()
  return (
    <div role="alert" className="mt-3 flex flex-wrap items-center gap-2 text-caption text-gam">
      <p>{code === 'network' ? `${t.failure.network}. ${t.failure.networkHint}` : (detail ?? t.failure.titles.internal)}</p>
      {code === 'budget_exceeded' && <Link to="/usage" className="btn btn-line btn-sm">{t.failure.openUsage}</Link>}
    </div>
  )
}

/** The purpose and style that a new conversation starts with: the default, or what was used last. */
function usePreset() {
  const settings = useSettings()
  const purposes = usePurposes()
  const wanted = settings.lastPurpose || settings.defaultPurpose
  const purpose = purposes.data?.find((one) => one.id === wanted)?.id ?? purposes.data?.[0]?.id ?? ''
  const choose = (change: { purpose?: string; style?: string }) =>
    settings.set({ ...(change.purpose !== undefined && { lastPurpose: change.purpose }), ...(change.style !== undefined && { lastStyle: change.style }) })
  return { purpose, style: settings.lastStyle, choose }
}

/** Makes the conversation and its first turn; when that fails, the words go back into the field. */
function useStart(purpose: string, style: string, brand: string) {
  const navigate = useNavigate()
  const [problem, setProblem] = useState<Trouble>()
  const [busy, setBusy] = useState(false)
  const send = async (request: TurnRequest, references: Picture[]) => {
    setProblem(undefined)
    setBusy(true)
    try {
      const title = [...(request.content.split('\n')[0] ?? '')].slice(0, titleLength).join('')
      const size = purpose === customPurpose ? customSize(useDrafts.getState().options) : {}
      const session = await create(brand, { title, image_purpose: purpose, style_preset: style || undefined, ...size })
      queryClient.setQueryData(keys.conversation(session.id), { session, messages: [] })
      const refusal = await queueTurn(session.id, request, references)
      if (refusal && refusal.code !== 'network') {
        // Nothing was begun, so nothing is left behind in the list.
        useOutgoing.setState((s) => ({ items: s.items.filter((one) => one.sessionId !== session.id) }))
        await api.sessions.delete(session.id)
        useDrafts.getState().change(newDraft, draftOf(request, references))
        return setProblem(refusal)
      }
      void queryClient.invalidateQueries({ queryKey: keys.sessions })
      void navigate(`/c/${session.id}`, { state: { started: true } })
    } catch (error) {
      useDrafts.getState().change(newDraft, draftOf(request, references))
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return { send, problem, busy }
}

type NewSession = Parameters<typeof api.sessions.create>[0]

/** Makes a conversation that follows a brand kit; one that was deleted elsewhere is followed, and a default, no longer. */
async function create(brand: string, wish: NewSession) {
  const { defaultBrand, set } = useSettings.getState()
  if (!brand) return api.sessions.create(wish)
  try {
    return await api.sessions.create({ ...wish, brand_id: brand })
  } catch (error) {
    if (!problemOf(error).errors?.some((one) => one.location === 'brand_id')) throw error
    if (brand === defaultBrand) set({ defaultBrand: '' })
    return api.sessions.create(wish)
  }
}

/** A handful of purposes with their formats drawn, and the way to all of them. */
function PurposeCards({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const t = useT()
  const purposes = usePurposes()
  const sized = useSized()
  const shown = useShortList(purposes.data ?? [], value)
  return (
    <div role="group" aria-label={t.home.purposeLabel} className="-mx-4 mb-4 flex min-h-31 [:root:lang(en)_&]:min-h-36 gap-2.5 overflow-x-auto px-4 pb-1 [scrollbar-width:none] md:mx-0 md:grid md:grid-cols-6 md:px-0">
      {shown.map(sized).map((one) => (
        <button
          key={one.id}
          type="button"
          aria-pressed={one.id === value}
          title={one.description}
          onClick={() => onChange(one.id)}
          className="flex w-28 flex-none flex-col items-center gap-2 rounded-lg border border-line bg-surface px-2 pt-4 pb-3 text-center text-ink-2 transition-colors hover:border-line-strong hover:text-ink aria-pressed:border-indigo aria-pressed:bg-indigo-tint aria-pressed:text-indigo md:w-auto"
        >
          <Ratio width={one.width} height={one.height} size={44} />
          <span className="line-clamp-3 min-h-10 content-center text-caption leading-snug font-medium">{one.name}</span>
        </button>
      ))}
      {purposes.data && <MorePurposes value={value} onChange={onChange} count={purposes.data.length} />}
    </div>
  )
}

/** The formats that most people come for; those of a table of one's own fill the rest. */
const featured = ['ig_feed_portrait', 'kakao_display_2x1', 'naver_smartstore_main', 'banner_web', 'yt_thumbnail']

function useShortList(purposes: readonly Purpose[], value: string) {
  // Fixed on the first look, so that choosing one does not shuffle the others.
  const [first, setFirst] = useState('')
  if (first === '' && value !== '') setFirst(value)
  const sized = purposes.filter((one) => one.id !== customPurpose)
  const known = featured.flatMap((id) => sized.find((one) => one.id === id) ?? [])
  const list = [...known, ...sized.filter((one) => !known.includes(one))].slice(0, featured.length)
  const chosen = purposes.find((one) => one.id === value) ?? purposes.find((one) => one.id === first)
  return chosen && !list.includes(chosen) ? [chosen, ...list.slice(0, featured.length - 1)] : list
}

/** Opens all purposes. */
function MorePurposes({ value, onChange, count }: { value: string; onChange: (id: string) => void; count: number }) {
  const t = useT()
  const [open, setOpen] = useState(false)
  const choose = (id: string) => {
    onChange(id)
    setOpen(false)
  }
  return (
    <Popover
      title={t.home.purposeLabel}
      open={open}
      onOpenChange={setOpen}
      className={purposePopover}
      trigger={
        <button type="button" className="flex w-28 flex-none flex-col items-center justify-center gap-2 rounded-lg border border-dashed border-line-strong px-2 py-3 text-caption font-medium text-ink-2 transition-colors hover:bg-sunken hover:text-ink md:w-auto">
          <LayoutGrid aria-hidden className="size-5" />
          {t.home.more(count)}
        </button>
      }
    >
      <PurposeList value={value} onChange={choose} />
    </Popover>
  )
}
