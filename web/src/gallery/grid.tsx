import { useVirtualizer } from '@tanstack/react-virtual'
import { Check, Star } from 'lucide-react'
import { clsx } from 'clsx'
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { useNavigate } from 'react-router'
import { contentUrl } from '../api/client.ts'
import type { Picture } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { goTo, useKeptPlace } from '../ui/place.ts'
import type { Found } from './found.ts'
import { gap, tileWidth, wishedHeight } from './measures.ts'
import { moved, rowAt, rowsOf } from './rows.ts'

interface GridProps {
  found: Found
  selecting: boolean
  selected: ReadonlySet<string>
  onSelected: (selected: ReadonlySet<string>) => void
}

/** The pictures in rows that fill the width, each in its own ratio; only the rows in sight exist. One tab stop, arrow keys inside. */
export function Grid({ found, selecting, selected, onSelected }: GridProps) {
  const t = useT()
  const navigate = useNavigate()
  const scroller = useRef<HTMLDivElement>(null)
  const width = useWidth(scroller)
  const { pictures, hasNextPage, isFetchingNextPage, fetchNextPage } = found
  const rows = useMemo(() => (width > 0 ? rowsOf(pictures, width, wishedHeight(width), gap) : []), [pictures, width])
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: (index) => (rows[index]?.height ?? 0) + gap, overscan: 4 })
  useLayoutEffect(() => virtual.measure(), [virtual, rows])
  const left = useKeptPlace(scroller, scroller)
  // Again with each page that comes, until the place is there.
  useLayoutEffect(() => void (rows.length > 0 && goTo(left.current, scroller.current, scroller.current)), [rows, left])
  const items = virtual.getVirtualItems()
  const lastRow = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastRow >= rows.length - 6) void fetchNextPage()
  }, [lastRow, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage])
  const [at, setAt] = useState(0)
  const choose = useToggle(selected, onSelected)
  const open = useCallback((picture: Picture) => void navigate(`/c/${picture.session_id}?img=${picture.id}`), [navigate])
  const act = useCallback((picture: Picture, many: boolean) => (many ? choose(picture.id) : open(picture)), [choose, open])
  const many = selecting || selected.size > 0
  const onKeyDown = (event: KeyboardEvent) => {
    const next = moved(event.key, at, rows)
    const picture = pictures[at]
    if (next !== undefined) {
      setAt(next)
      virtual.scrollToIndex(rowAt(rows, next))
      requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-at="${next}"]`)?.focus())
    } else if (event.code === 'Space' && picture) choose(picture.id)
    else if (event.code === 'KeyA' && (event.ctrlKey || event.metaKey)) onSelected(new Set(pictures.map((one) => one.id)))
    else return
    event.preventDefault()
  }
  return (
    <div ref={scroller} data-gallery className="min-h-0 flex-1 overflow-y-auto px-4 pb-24 md:px-8">
      <div role="listbox" aria-multiselectable aria-label={t.gallery.label} tabIndex={-1} onKeyDown={onKeyDown} className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index]
          return (
            row && (
              <div key={item.key} role="presentation" className="absolute inset-x-0 flex" style={{ transform: `translateY(${item.start}px)`, gap }}>
                {row.widths.map((wide, index) => {
                  const place = row.first + index
                  const picture = pictures[place]
                  return picture && <Cell key={picture.id} picture={picture} place={place} width={wide} height={row.height} many={many} selected={selected.has(picture.id)} current={place === at} onAct={act} onFocus={setAt} />
                })}
              </div>
            )
          )
        })}
      </div>
    </div>
  )
}

function useToggle(selected: ReadonlySet<string>, onSelected: (selected: ReadonlySet<string>) => void) {
  const latest = useRef(selected)
  useEffect(() => {
    latest.current = selected
  })
  return useCallback(
    (id: string) => {
      const next = new Set(latest.current)
      if (!next.delete(id)) next.add(id)
      onSelected(next)
    },
    [onSelected],
  )
}

/** The room inside the scroller, in px. */
function useWidth(scroller: React.RefObject<HTMLDivElement | null>) {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const box = scroller.current
    if (!box) return
    const measure = () => {
      const style = getComputedStyle(box)
      setWidth(box.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight))
    }
    const observer = new ResizeObserver(measure)
    observer.observe(box)
    measure()
    return () => observer.disconnect()
  }, [scroller])
  return width
}

interface CellProps {
  picture: Picture
  place: number
  width: number
  height: number
  many: boolean
  selected: boolean
  current: boolean
  onAct: (picture: Picture, many: boolean) => void
  onFocus: (place: number) => void
}

const Cell = memo(function Cell({ picture, place, width, height, many, selected, current, onAct, onFocus }: CellProps) {
  return (
    <button
      type="button"
      role="option"
      data-at={place}
      aria-selected={selected}
      aria-label={picture.alt_text || picture.prompt_used || picture.id}
      tabIndex={current ? 0 : -1}
      onFocus={() => onFocus(place)}
      onClick={(event) => onAct(picture, many || event.ctrlKey || event.metaKey || event.shiftKey || (event.target as Element).closest('[data-check]') !== null)}
      style={{ width, height }}
      className="group relative flex-none overflow-hidden rounded-md bg-sunken"
    >
      <img src={contentUrl(picture.id, { w: tileWidth(width) })} alt="" width={Math.round(width)} height={Math.round(height)} loading="lazy" decoding="async" className="size-full object-cover" />
      {selected && <span aria-hidden className="absolute inset-0 rounded-md ring-4 ring-indigo ring-inset" />}
      {/* For the pointer; the keyboard selects with the space bar. */}
      <span aria-hidden data-check className={clsx('absolute top-1 left-1 p-1', !many && !selected && 'opacity-0 group-hover:opacity-100 pointer-coarse:hidden')}>
        <span className={clsx('grid size-6 place-items-center rounded-full border-2 border-white', selected ? 'bg-indigo text-on-indigo' : 'bg-black/25')}>{selected && <Check className="size-3.5" />}</span>
      </span>
      {picture.is_selected && <Star aria-hidden className="absolute top-2 right-2 size-4.5 fill-gam-fill text-white drop-shadow-sm" />}
      <span aria-hidden className="absolute inset-x-0 bottom-0 line-clamp-2 bg-linear-to-t from-black/75 to-transparent px-3 pt-8 pb-2.5 text-left text-caption text-white opacity-0 transition-opacity group-hover:opacity-100 group-focus-visible:opacity-100">
        {picture.alt_text || picture.prompt_used}
      </span>
    </button>
  )
})
