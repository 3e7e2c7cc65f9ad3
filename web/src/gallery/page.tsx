import { CircleCheck, Images, Search, Star } from 'lucide-react'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { problemOf } from '../api/client.ts'
import { usePurposes } from '../api/queries.ts'
import { useT } from '../i18n/i18n.ts'
import { Missing } from '../pages/missing.tsx'
import { Button, Empty, Skeleton } from '../ui/kit.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { useTitle } from '../shell/title.ts'
import { useFound, type Found, type Period } from './found.ts'
import { Grid } from './grid.tsx'
import { SelectionBar } from './selection-bar.tsx'

/** All pictures of all conversations; the filters are in the address. */
export default function GalleryPage() {
  const t = useT()
  const [selecting, setSelecting] = useState(false)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const found = useFound()
  useTitle(t.gallery.title)
  const finish = () => {
    setSelecting(false)
    setSelected(new Set())
  }
  if (found.isError && found.pictures.length === 0) return <Missing problem={problemOf(found.error)} onRetry={() => void found.refetch()} />
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <header className="flex-none px-4 pt-6 pb-4 md:px-8">
        <div className="mb-4 flex items-center justify-between gap-4">
          <h1 className="text-title font-bold">{t.gallery.title}</h1>
          <Button small tone={selecting ? 'primary' : 'soft'} onClick={() => (selecting ? finish() : setSelecting(true))}><CircleCheck />{selecting ? t.gallery.clearSelection : t.gallery.select}</Button>
        </div>
        <Filters />
      </header>
      <Content found={found} selecting={selecting} selected={selected} onSelected={setSelected} />
      {selected.size > 0 && <SelectionBar pictures={found.pictures.filter((one) => selected.has(one.id))} onDone={finish} />}
    </div>
  )
}

function Filters() {
  const t = useT()
  const purposes = usePurposes()
  const [params, setParams] = useSearchParams()
  const set = (key: string, value: string) => {
    const next = new URLSearchParams(params)
    if (value) next.set(key, value)
    else next.delete(key)
    setParams(next, { replace: true })
  }
  const starred = params.get('star') === '1'
  return (
    <div className="flex flex-wrap items-center gap-2.5">
      <div className="relative min-w-56 flex-1 md:max-w-xs">
        <Search aria-hidden className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-ink-3" />
        <input type="text" role="searchbox" aria-label={t.gallery.search} placeholder={t.gallery.search} value={params.get('q') ?? ''} onChange={(event) => set('q', event.target.value)} className="field border-transparent bg-sunken pl-9" />
      </div>
      <select aria-label={t.gallery.purpose} value={params.get('purpose') ?? ''} onChange={(event) => set('purpose', event.target.value)} className="field w-44 border-transparent bg-sunken">
        <option value="">{t.gallery.allPurposes}</option>
        {purposes.data?.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
      </select>
      <Segmented<Period> label={t.gallery.date} labelHidden value={(params.get('date') ?? 'all') as Period} onChange={(value) => set('date', value === 'all' ? '' : value)} options={(['all', 'day', 'week', 'month'] as const).map((value) => ({ value, label: t.gallery.dates[value] }))} />
      <button type="button" aria-pressed={starred} onClick={() => set('star', starred ? '' : '1')} className="chip min-h-10"><Star className={starred ? 'fill-current' : ''} />{t.gallery.starred}</button>
    </div>
  )
}

interface ContentProps {
  found: Found
  selecting: boolean
  selected: ReadonlySet<string>
  onSelected: (selected: ReadonlySet<string>) => void
}

function Content({ found, selecting, selected, onSelected }: ContentProps) {
  const t = useT()
  const [params, setParams] = useSearchParams()
  if (found.isPending) {
    return <div className="flex flex-wrap gap-3 px-4 md:px-8">{Array.from({ length: 8 }, (_, n) => <Skeleton key={n} className="h-36 grow basis-40 rounded-md md:h-52 md:basis-64" />)}</div>
  }
  if (found.pictures.length === 0 && !found.hasNextPage) {
    const filtered = [...params.keys()].length > 0
    return (
      <Empty icon={<Images />} title={filtered ? t.gallery.noMatch : t.gallery.empty}>
        <p>{filtered ? t.gallery.noMatchHint : t.gallery.emptyHint}</p>
        <div className="mt-5">
          {filtered ? <Button onClick={() => setParams({}, { replace: true })}>{t.gallery.clear}</Button> : <Link to="/" className="btn btn-primary">{t.gallery.emptyAction}</Link>}
        </div>
      </Empty>
    )
  }
  return <Grid found={found} selecting={selecting} selected={selected} onSelected={onSelected} />
}
