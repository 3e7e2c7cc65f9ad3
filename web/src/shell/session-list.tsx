import { Archive, ArchiveRestore, Ellipsis, Pencil, Search, Trash2, X } from 'lucide-react'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { NavLink, useNavigate, useParams } from 'react-router'
import { api, contentUrl } from '../api/client.ts'
import { useImages, usePurposes, useSessions, useUpdateSession } from '../api/queries.ts'
import type { Session } from '../api/types.ts'
import { isRunning, useTurns } from '../conversation/turns.ts'
import { useT } from '../i18n/i18n.ts'
import { useSettings } from '../settings/settings.ts'
import { shorten, when } from '../text/format.ts'
import { isInitials, matches } from '../text/hangul.ts'
import { useDebounced } from '../ui/debounced.ts'
import { Skeleton } from '../ui/kit.tsx'
import { Menu, MenuItem } from '../ui/menu.tsx'
import { Ratio } from '../ui/ratio.tsx'
import { toast } from '../ui/toast.tsx'
import { deleteLater, useHidden } from './pending.ts'
import { useUnread } from './unread.ts'
import { pathHere } from '../prefix.ts'

/** The conversations: searched, the one that was gone on with last first, with a picture each. */
export function SessionList() {
  const t = useT()
  const [query, setQuery] = useState('')
  const [archived, setArchived] = useState(false)
  const found = useFoundSessions(useDeferredValue(query), archived)
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="px-3 pb-2">
        <SearchField value={query} onChange={setQuery} />
        <div className="mt-2 flex gap-1 px-1 text-caption">
          {[false, true].map((value) => (
            <button
              key={String(value)}
              type="button"
              aria-pressed={archived === value}
              onClick={() => setArchived(value)}
              className="rounded-full px-2.5 py-1 text-ink-3 transition-colors hover:text-ink aria-pressed:bg-sunken aria-pressed:font-medium aria-pressed:text-ink"
            >
              {value ? t.sessions.archived : t.sessions.active}
            </button>
          ))}
        </div>
      </div>
      <Found found={found} searching={query !== ''} archived={archived} />
    </div>
  )
}

type FoundSessions = ReturnType<typeof useFoundSessions>

/** The server takes this much of a query. */
const longestQuery = 200
/** How many pages of forty are looked through here for what the server does not find. */
const pagesSearched = 25

/**
 * What fits the query. The titles that are loaded answer at once; the server adds what it finds in all titles and all
 * messages, page by page. An answer that came too late for the next letter is dropped.
 */
export function useFoundSessions(query: string, archived: boolean) {
  const wanted = query.normalize('NFC').trim().slice(0, longestQuery)
  const asked = useDebounced(wanted)
  const hidden = useHidden((s) => s.ids)
  const status = archived ? 'archived' : undefined
  const list = useSessions({ status })
  const search = useSessions({ q: asked, status }, asked !== '' && wanted !== '')
  const sessions = useMemo(() => {
    const loaded = (list.data?.pages.flatMap((page) => page.sessions) ?? []).filter((one) => matches(one.title ?? '', wanted))
    const ids = new Set(loaded.map((one) => one.id))
    const found = asked === wanted && wanted !== '' ? (search.data?.pages.flatMap((page) => page.sessions) ?? []).filter((one) => !ids.has(one.id)) : []
    return [...loaded, ...found].filter((one) => !hidden.has(one.id) && (one.status === 'archived') === archived)
  }, [list.data, search.data, hidden, archived, asked, wanted])
  // Initials typed without the spaces between words are no match to the server, but here they are.
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list
  const unknown = isInitials(wanted) && asked === wanted && search.data?.pages[0]?.sessions.length === 0
  const further = unknown && hasNextPage && (list.data?.pages.length ?? 0) < pagesSearched
  useEffect(() => {
    if (further && !isFetchingNextPage) void fetchNextPage()
  }, [further, isFetchingNextPage, fetchNextPage])
  if (wanted === '') return { ...list, sessions }
  const isPending = list.isPending || (sessions.length === 0 && (asked !== wanted || search.isPending || further) && !search.isError)
  return { ...search, isPending, sessions }
}

function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useT()
  return (
    <div className="relative">
      <Search aria-hidden className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-ink-3" />
      <input
        data-search
        type="text"
        role="searchbox"
        aria-label={t.sessions.search}
        placeholder={t.sessions.search}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || event.nativeEvent.isComposing) return
          // The key is the field's: it must not stop a turn, too.
          event.preventDefault()
          onChange('')
        }}
        className="field border-transparent bg-sunken pr-9 pl-9 hover:border-line-strong"
      />
      {value && (
        <button type="button" aria-label={t.sessions.clearSearch} onClick={() => onChange('')} className="absolute top-1/2 right-1.5 grid size-7 -translate-y-1/2 place-items-center rounded-sm text-ink-3 hover:text-ink">
          <X className="size-4" />
        </button>
      )}
    </div>
  )
}

function Found({ found, searching, archived }: { found: FoundSessions; searching: boolean; archived: boolean }) {
  const t = useT()
  const covers = useCovers()
  if (found.isPending) {
    return <div className="space-y-2 px-3 pt-1">{[1, 2, 3, 4].map((n) => <Skeleton key={n} className="h-14 rounded-md" />)}</div>
  }
  if (found.isError && found.sessions.length === 0) {
    return (
      <div className="px-5 py-6 text-caption text-ink-2">
        {t.common.loadFailed} <button type="button" className="font-medium text-indigo underline" onClick={() => void found.refetch()}>{t.common.retry}</button>
      </div>
    )
  }
  if (found.sessions.length === 0) {
    return (
      <div className="px-5 py-6 text-caption text-ink-3">
        {searching ? t.sessions.noMatch : archived ? t.sessions.emptyArchive : <><p className="font-medium text-ink-2">{t.sessions.empty}</p><p>{t.sessions.emptyHint}</p></>}
      </div>
    )
  }
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
      <ul aria-label={t.nav.sessions}>
        {found.sessions.map((session) => <Item key={session.id} session={session} cover={session.final_image_id ?? covers.get(session.id)} />)}
      </ul>
      {found.hasNextPage && (
        <button type="button" className="btn btn-ghost btn-sm mt-1 w-full" disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {t.sessions.more}
        </button>
      )}
    </div>
  )
}

/** The newest picture of each conversation that has one among the newest hundred. */
function useCovers() {
  const { data } = useImages({})
  return useMemo(() => {
    const covers = new Map<string, string>()
    for (const picture of data?.pages.flatMap((page) => page.images) ?? []) {
      if (picture.role === 'generated' && picture.session_id && !covers.has(picture.session_id)) covers.set(picture.session_id, picture.id)
    }
    return covers
  }, [data])
}

function Item({ session, cover }: { session: Session; cover?: string }) {
  const t = useT()
  const language = useSettings((s) => s.language)
  const [renaming, setRenaming] = useState(false)
  const working = useTurns((s) => Object.values(s.turns).some((turn) => turn.sessionId === session.id && isRunning(turn)))
  const unread = useUnread((s) => s.ids.includes(session.id))
  const title = session.title || t.sessions.untitled
  const link = useRef<HTMLAnchorElement>(null)
  const renamed = (byKey: boolean) => {
    flushSync(() => setRenaming(false))
    if (byKey) link.current?.focus()
  }
  if (renaming) return <Rename session={session} onDone={renamed} />
  return (
    <li className="group relative">
      <NavLink
        ref={link}
        data-session={session.id}
        to={`/c/${session.id}`}
        className="flex items-center gap-3 rounded-md py-1.5 pr-10 pl-1.5 transition-colors hover:bg-sunken aria-[current=page]:bg-sunken"
      >
        <Cover session={session} cover={cover} />
        {unread && <span className="absolute top-1.5 left-1 size-3 rounded-full border-2 border-paper bg-indigo"><span className="sr-only">{t.loop.unread}</span></span>}
        <span className="min-w-0 flex-1">
          <span className="block truncate leading-snug font-medium">{title}</span>
          <span className="block truncate text-caption text-ink-3">
            {working ? <span className="text-indigo">{t.sessions.working}</span> : when(session.updated_at, language)}
            {session.images_generated > 0 && ` · ${t.sessions.images(session.images_generated)}`}
          </span>
        </span>
      </NavLink>
      <ItemMenu session={session} title={title} onRename={() => setRenaming(true)} />
    </li>
  )
}

function Cover({ session, cover }: { session: Session; cover?: string }) {
  const purposes = usePurposes()
  const purpose = purposes.data?.find((one) => one.id === session.image_purpose)
  if (cover) return <img src={contentUrl(cover, { w: 128 })} alt="" width={44} height={44} loading="lazy" decoding="async" className="picture size-11 flex-none rounded-sm" />
  return (
    <span className="grid size-11 flex-none place-items-center rounded-sm bg-sunken text-ink-3 group-hover:bg-line">
      <Ratio width={purpose?.width || session.custom_width || 1} height={purpose?.height || session.custom_height || 1} size={22} />
    </span>
  )
}

const rowOf = (id: string) => document.querySelector<HTMLElement>(`[data-session="${id}"]`)

/** Focuses what will be there once the list is drawn anew and what had the focus is gone. */
function focusSoon(find: () => HTMLElement | null | undefined) {
  requestAnimationFrame(() => requestAnimationFrame(() => find()?.focus()))
}

function ItemMenu({ session, title, onRename }: { session: Session; title: string; onRename: () => void }) {
  const t = useT()
  const update = useUpdateSession()
  const navigate = useNavigate()
  const { id: open } = useParams()
  const archived = session.status === 'archived'
  const move = () =>
    update.mutate(
      { id: session.id, change: { status: archived ? 'active' : 'archived' } },
      {
        onSuccess: () =>
          toast(archived ? t.sessions.unarchivedToast : t.sessions.archivedToast, {
            label: t.common.undo,
            run: () => update.mutate({ id: session.id, change: { status: session.status } }),
          }),
      },
    )
  const remove = () => {
    const row = rowOf(session.id)?.closest('li')
    const beside = row?.nextElementSibling ?? row?.previousElementSibling
    const back = open === session.id ? pathHere() + window.location.search : undefined
    deleteLater([session.id], t.sessions.deleted(shorten(title)), (keepalive) => api.sessions.delete(session.id, { keepalive }), () => {
      // Who has gone on to another page in the meantime stays there.
      if (back && pathHere() === '/') void navigate(back)
      focusSoon(() => rowOf(session.id))
    })
    if (back) void navigate('/')
    else focusSoon(() => beside?.querySelector('a'))
  }
  return (
    <div className="absolute top-1/2 right-1 -translate-y-1/2 opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 has-data-popup-open:opacity-100 pointer-coarse:opacity-100">
      <Menu trigger={<button type="button" aria-label={t.sessions.actions(title)} className="btn btn-icon btn-ghost btn-sm"><Ellipsis /></button>}>
        <MenuItem icon={<Pencil />} onSelect={onRename}>{t.sessions.rename}</MenuItem>
        <MenuItem icon={archived ? <ArchiveRestore /> : <Archive />} onSelect={move}>{archived ? t.sessions.unarchive : t.sessions.archive}</MenuItem>
        <MenuItem icon={<Trash2 />} tone="danger" onSelect={remove}>{t.sessions.remove}</MenuItem>
      </Menu>
    </div>
  )
}

function Rename({ session, onDone }: { session: Session; onDone: (byKey: boolean) => void }) {
  const t = useT()
  const update = useUpdateSession()
  const [title, setTitle] = useState(session.title ?? '')
  const save = (byKey: boolean) => {
    const wanted = title.normalize('NFC').trim()
    if (wanted && wanted !== session.title) update.mutate({ id: session.id, change: { title: wanted } })
    onDone(byKey)
  }
  return (
    <li className="px-1 py-1.5">
      <input
        // The field appears because the person asked to rename: the focus belongs in it.
        ref={(field) => field?.focus()}
        aria-label={t.sessions.nameLabel}
        value={title}
        maxLength={200}
        onChange={(event) => setTitle(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={() => save(false)}
        onKeyDown={(event) => {
          // While a syllable is open, Enter and Escape belong to the input method.
          if (event.nativeEvent.isComposing) return
          if (event.key !== 'Enter' && event.key !== 'Escape') return
          // The key must not also press what gets the focus.
          event.preventDefault()
          if (event.key === 'Enter') save(true)
          else onDone(true)
        }}
        className="field"
      />
    </li>
  )
}
