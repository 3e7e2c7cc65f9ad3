import { ImageOff, Menu, Palette } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useLocation, useOutletContext, useParams, useSearchParams } from 'react-router'
import { api, problemOf } from '../api/client.ts'
import { useConversation, useUpdateSession, type Conversation } from '../api/queries.ts'
import type { Picture, Trouble } from '../api/types.ts'
import { useBrands } from '../brands/queries.ts'
import { tool } from '../chunks.tsx'
import { useT } from '../i18n/i18n.ts'
import { useAddress } from '../inspector/address.ts'
import { Inspector } from '../inspector/inspector.tsx'
import { useHotkeys } from '../keys/hotkeys.ts'
import { Missing } from '../pages/missing.tsx'
import { useSettings } from '../settings/settings.ts'
import type { OpenMenu } from '../shell/layout.tsx'
import { useTitle } from '../shell/title.ts'
import { markRead, useUnread } from '../shell/unread.ts'
import { Button, Drawer, Empty, IconButton, Skeleton } from '../ui/kit.tsx'
import { useWide } from '../ui/wide.ts'
import { LineBanner } from './banner.tsx'
import { Composer } from './composer.tsx'
import { focusComposer, useDrafts } from './draft.ts'
import { join } from './line.ts'
import { deliverWaiting, queueTurn } from './outgoing.ts'
import { conversationPictures, picturesOf } from './pictures.ts'
import { customPurpose, customSize } from './pricing.ts'
import { useFound, type Found } from './reading-back.ts'
import { choose, drop, select, useFollowSubject, useSubject } from './subject.ts'
import { Thread } from './thread.tsx'
import { Announcer } from './announcer.tsx'
import { isRunning, useTurns } from './turns.ts'

const PictureTools = tool(() => import('../inspector/tools.tsx'))
const BrandForm = tool(() => import('./brand-form.tsx'))

/** One conversation: the thread, and beside it the picture that is looked at. */
export default function ConversationPage() {
  const { id = '' } = useParams()
  const query = useConversation(id)
  useTitle(query.data?.session.title ?? undefined)
  const problem = query.isError ? problemOf(query.error) : undefined
  if (problem && (!query.data || isFinal(problem))) return <Missing problem={problem} onRetry={() => void query.refetch()} />
  if (!query.data) return <Loading />
  return <Loaded key={id} conversation={query.data} />
}

/** Whether what is shown must go. Any other failure to bring it up to date leaves it, and one's words, where they are. */
function isFinal({ code, status }: Trouble) {
  return status === 404 || code === 'unauthorized'
}

function Loading() {
  return (
    <div className="mx-auto w-full max-w-3xl space-y-6 px-8 py-16">
      <Skeleton className="ml-auto h-12 w-1/2" />
      <Skeleton className="aspect-video w-full rounded-lg" />
    </div>
  )
}

function Loaded({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const wide = useWide()
  const { params, close: closeParams } = useAddress()
  const { session } = conversation
  const pictures = useMemo(() => picturesOf(conversation.messages), [conversation.messages])
  // Only of a conversation that exists: a line to a missing one would be refused, and asked for again.
  useEffect(() => join(session.id), [session.id])
  useEffect(() => deliverWaiting(session.id), [session.id])
  useReading(session.id)
  useFocusAfterStart()
  useSubjectOfAddress(session.id, pictures)
  const subject = useSubject(session.id)
  const wanted = params.get('img') ?? undefined
  const found = useFound(session.id, pictures, wanted ?? subject?.id)
  const chosen = pictures.find((one) => one.id === wanted) ?? (found.state === 'elsewhere' && wanted ? found.picture : undefined)
  // Of a picture that the address names and that is not there, no other takes the place.
  const shown = wanted ? chosen : (pictures.find((one) => one.id === subject?.id) ?? pictures.at(-1))
  const close = () => closeParams('img')
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <Header conversation={conversation} />
        <LineBanner sessionId={session.id} />
        <Thread conversation={conversation} selected={wanted ?? subject?.id} />
        <Dock conversation={conversation} />
        <Announcer sessionId={session.id} />
      </div>
      {wide && (shown ?? wanted) && (
        <aside aria-label={t.inspector.label} className="w-104 flex-none overflow-y-auto border-l border-line bg-paper">
          {shown ? <Inspector picture={shown} pictures={pictures} session={session} /> : <NotAtHand found={found} onClose={close} />}
        </aside>
      )}
      {!wide && (
        <Drawer open={wanted !== undefined && found.state !== 'loading' && !params.has('view')} onClose={close} title={t.inspector.label}>
          {chosen ? <Inspector picture={chosen} pictures={pictures} session={session} onDone={close} /> : <NotAtHand found={found} onClose={close} />}
        </Drawer>
      )}
      {shown && params.has('view') && <PictureTools picture={shown} pictures={pictures} session={session} onLost={() => closeParams('view', 'with')} />}
    </div>
  )
}

/** Whoever has a conversation before them has read what came in it. */
function useReading(session: string) {
  const unread = useUnread((s) => s.ids.includes(session))
  useEffect(() => {
    if (unread) markRead(session)
    const onLook = () => markRead(session)
    document.addEventListener('visibilitychange', onLook)
    return () => document.removeEventListener('visibilitychange', onLook)
  }, [session, unread])
}

/** What stands in the place of a picture that is still being fetched, or is not there any more. */
function NotAtHand({ found, onClose }: { found: Found; onClose: () => void }) {
  const t = useT()
  if (found.state === 'loading') return <div className="p-5"><Skeleton className="aspect-square w-full rounded-lg" /></div>
  const gone = found.state === 'missing'
  return (
    <Empty icon={<ImageOff />} title={gone ? t.failure.titles.image_not_found : t.loop.unreachable}>
      <p className="mb-4">{gone ? t.failure.hints.image_not_found : t.failure.networkHint}</p>
      <Button tone="line" small onClick={onClose}>{t.common.close}</Button>
    </Empty>
  )
}

/** The picture that the address names is what one's words change, also where it came from the gallery or a reload. */
function useSubjectOfAddress(session: string, pictures: readonly Picture[]) {
  const [params, setParams] = useSearchParams()
  const img = params.get('img')
  const known = useRef<string>(undefined)
  useEffect(() => {
    const picture = pictures.find((one) => one.id === img)
    if (!img) known.current = undefined
    if (!picture || known.current === img) return
    known.current = picture.id
    if (useDrafts.getState().drafts[session]?.editing?.id !== picture.id) select(session, picture)
  }, [session, pictures, img])
  const follow = useCallback((from: Picture, to: Picture) => {
    const now = new URLSearchParams(window.location.search)
    // Something is being done with it, or something else is looked at.
    if (now.get('img') !== from.id || now.has('view')) return
    known.current = to.id
    setParams({ img: to.id }, { replace: true })
  }, [setParams])
  useFollowSubject(session, pictures, follow)
}

/** One goes on by talking after the first message; on a touch screen the keyboard would cover the picture to come. */
function useFocusAfterStart() {
  const started = (useLocation().state as { started?: boolean } | null)?.started
  useEffect(() => {
    if (started && !window.matchMedia('(pointer: coarse)').matches) focusComposer()
  }, [started])
}

function Header({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const [brand, setBrand] = useState(false)
  const openMenu = useOutletContext<OpenMenu>()
  const { session } = conversation
  const kit = useBrands().data?.find((one) => one.id === session.brand_id)
  const guided = session.brand_id != null || (session.brand_guidelines != null && Object.keys(session.brand_guidelines).length > 0)
  return (
    <header className="flex h-15 flex-none items-center justify-between gap-2 border-b border-line px-2 md:px-8">
      <IconButton label={t.nav.openMenu} onClick={openMenu} className="flex-none md:hidden"><Menu /></IconButton>
      <h1 className="min-w-0 flex-1 truncate text-lead font-semibold">{session.title || t.sessions.untitled}</h1>
      <div className="flex flex-none items-center gap-1">
        {guided && <span className="hidden text-caption text-ink-3 sm:block">{kit ? t.thread.brandNamed(kit.name) : t.thread.brandOn}</span>}
        <IconButton label={t.sessions.brand} small onClick={() => setBrand(true)}><Palette /></IconButton>
      </div>
      {brand && <BrandForm session={session} onClose={() => setBrand(false)} onLost={() => setBrand(false)} />}
    </header>
  )
}

/** The composer at the foot of the page. */
function Dock({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const { session, messages } = conversation
  const { params, close } = useAddress()
  const update = useUpdateSession()
  const set = useSettings((s) => s.set)
  const running = useTurns((s) => Object.values(s.turns).find((turn) => turn.sessionId === session.id && isRunning(turn)))
  const stop = async () => {
    if (!running) return
    try {
      useTurns.getState().put(await api.turns.cancel(running.id))
    } catch {
      // It ended in the meantime; the frames say how.
    }
  }
  useHotkeys({ Escape: () => void stop() }, running !== undefined && !document.querySelector('[role=dialog]'))
  return (
    <div className="mx-auto w-full max-w-3xl flex-none px-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] md:px-8 md:pb-6">
      <Composer
        session={session.id}
        purpose={session.image_purpose}
        style={session.style_preset ?? ''}
        brand={session.brand_id ?? ''}
        onBrand={(id) => update.mutate({ id: session.id, change: { brand_id: id || null } })}
        onPreset={({ purpose, style }) => {
          set({ ...(purpose !== undefined && { lastPurpose: purpose }), ...(style !== undefined && { lastStyle: style }) })
          const size = purpose === customPurpose ? customSize(useDrafts.getState().options) : {}
          update.mutate({ id: session.id, change: { ...(purpose !== undefined && { image_purpose: purpose, ...size }), ...(style !== undefined && { style_preset: style || null }) } })
        }}
        onSend={(request, references) => {
          // Exports take the conversation's size, so it follows that of the pictures.
          const { custom_width, custom_height } = request
          if (custom_width && (custom_width !== session.custom_width || custom_height !== session.custom_height)) {
            update.mutate({ id: session.id, change: { custom_width, custom_height } })
          }
          // What was held for this message is let go of: from here on it is what one looks at.
          const looked = conversationPictures(session.id).find((one) => one.id === params.get('img'))
          if (looked && looked.id !== request.image_id) choose(session.id, looked)
          void queueTurn(session.id, request, references)
        }}
        onDrop={() => {
          drop(session.id)
          if (params.has('img')) close('img')
        }}
        onStop={running && (() => void stop())}
        lastText={messages.findLast((one) => one.role === 'user')?.text_content ?? undefined}
        placeholder={t.composer.placeholderMore}
      />
    </div>
  )
}
