import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { useImages } from '../api/queries.ts'
import { useHidden } from '../shell/pending.ts'
import { useDebounced } from '../ui/debounced.ts'

/** Lengths in days; 0 is no limit. */
const days = { all: 0, day: 1, week: 7, month: 30 } as const
export type Period = keyof typeof days

export type Found = ReturnType<typeof useFound>

/** The pictures that the address asks for. */
export function useFound() {
  const [params] = useSearchParams()
  const query = useDebounced((params.get('q') ?? '').normalize('NFC').trim())
  const hidden = useHidden((s) => s.ids)
  const period = (params.get('date') ?? 'all') as Period
  const beginning = useMemo(() => since(period), [period])
  const list = useImages({
    q: query.slice(0, 200) || undefined,
    purpose: params.get('purpose') ?? undefined,
    selected: params.get('star') === '1' || undefined,
    since: beginning,
  })
  const pictures = useMemo(
    () => (list.data?.pages.flatMap((page) => page.images) ?? []).filter((one) => one.role === 'generated' && !hidden.has(one.id)),
    [list.data, hidden],
  )
  return { ...list, pictures }
}

/** The beginning of a period: the midnight before, where one is. Today is one day, a week the last seven. */
export function since(period: Period, now = new Date()) {
  if (days[period] === 0) return undefined
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days[period] + 1).toISOString()
}
