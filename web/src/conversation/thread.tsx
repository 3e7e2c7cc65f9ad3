import { ArrowDown } from 'lucide-react'
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { Conversation } from '../api/queries.ts'
import type { Message } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { Button } from '../ui/kit.tsx'
import { goTo, useKeptPlace } from '../ui/place.ts'
import { AssistantMessage, OutgoingMessage, UserMessage } from './message.tsx'
import { useOutgoing } from './outgoing.ts'
import { readBack } from './reading-back.ts'
import { Failure } from './failure.tsx'
import { LiveTurnView } from './live-turn.tsx'
import { useTurns } from './turns.ts'

/** How close to its end the thread counts as being read at its end, in px. */
const nearEnd = 120

/** The messages, oldest first, and below them what is on its way. */
export function Thread({ conversation, selected }: { conversation: Conversation; selected?: string }) {
  const t = useT()
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const sent = useOutgoing((s) => s.items.findLast((one) => one.sessionId === conversation.session.id)?.key)
  const away = useStickToEnd(scroller, content, sent)
  const shown = useShown(conversation.messages)
  const requests = new Map(shown.filter((one) => one.role === 'user' && one.turn_id).map((one) => [one.turn_id, one]))
  return (
    <div className="relative min-h-0 flex-1">
      {/* Reachable by Tab, because a region that scrolls must scroll by keys too. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={scroller} role="log" aria-live="off" aria-label={t.thread.label} tabIndex={0} className="h-full overflow-y-auto overscroll-contain focus-visible:-outline-offset-2">
        <div ref={content} className="mx-auto flex w-full max-w-3xl flex-col gap-7 px-4 pt-6 pb-8 md:px-8">
          <Older conversation={conversation} />
          {shown.map((message) => <Entry key={message.id} message={message} request={requests.get(message.turn_id)} session={conversation.session} selected={message.images?.find((one) => one.id === selected)?.id} newest={message === shown.at(-1)} />)}
          <Waiting session={conversation.session} messages={conversation.messages} />
        </div>
      </div>
      {away && (
        <button type="button" aria-label={t.thread.newest} onClick={() => scroller.current?.scrollTo({ top: scroller.current.scrollHeight, behavior: 'smooth' })} className="btn btn-icon btn-line absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-float">
          <ArrowDown />
        </button>
      )}
    </div>
  )
}

/** A reply that is nothing but its failure. One with pictures only lost some of what was asked for. */
const isFailure = (one: Message) => Boolean(one.error) && !one.images?.length

/** Leaves out failures that a later try of the same turn has made good. */
function useShown(messages: readonly Message[]) {
  return useMemo(() => {
    const good = new Set(messages.filter((one) => one.role === 'assistant' && !isFailure(one)).map((one) => one.turn_id))
    return messages.filter((one) => !(isFailure(one) && one.turn_id && good.has(one.turn_id)))
  }, [messages])
}

interface EntryProps {
  message: Message
  /** What the person said that a reply belongs to. */
  request?: Message
  session: Conversation['session']
  /** The picture that is looked at, if it is one of this message. */
  selected?: string
  newest: boolean
}

/** One message; of hundreds only those are drawn anew that have changed. */
const Entry = memo(function Entry({ message, request, session, selected, newest }: EntryProps) {
  const live = useTurns((s) => (message.turn_id ? s.turns[message.turn_id] : undefined))
  if (message.role === 'user') {
    return (
      <>
        <UserMessage message={message} session={session} />
        {live && <LiveTurnView turn={live} request={message} session={session} />}
      </>
    )
  }
  if (message.error && isFailure(message)) {
    return live ? null : <Failure problem={message.error} at={Date.parse(message.created_at)} turnId={message.turn_id ?? undefined} session={session} text={request?.text_content ?? undefined} />
  }
  return <AssistantMessage message={message} selected={selected} newest={newest} sessionId={session.id} />
})

/** Messages that the server has not confirmed. */
function Waiting({ session, messages }: { session: Conversation['session']; messages: readonly Message[] }) {
  const items = useOutgoing((s) => s.items)
  const known = new Set(messages.map((one) => one.turn_id))
  const newest = messages.at(-1)?.created_at ?? ''
  return items
    // An accepted one shows until its message has come, unless newer messages are there: then it is on an older page.
    .filter((one) => one.sessionId === session.id && (one.state !== 'accepted' || (!known.has(one.turnId ?? '') && one.createdAt > newest)))
    .map((one) => <OutgoingMessage key={one.key} item={one} session={session} />)
}

function Older({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const [busy, setBusy] = useState(false)
  const { before } = conversation
  if (!before) return null
  const load = async () => {
    setBusy(true)
    try {
      await readBack(conversation.session.id)
    } finally {
      setBusy(false)
    }
  }
  return <Button tone="ghost" small disabled={busy} onClick={() => void load()} className="self-center">{t.thread.older}</Button>
}

/** What a person scrolls with; a scroll without any of these is the page's own. */
const scrollInputs = ['wheel', 'touchmove', 'keydown', 'pointerdown', 'focusin'] as const

/**
 * Stays at the end while one is there, and leaves the page alone while one reads further up; what one says oneself,
 * under the key `sent`, is always gone to. Returns whether the end is out of sight.
 */
function useStickToEnd(scroller: React.RefObject<HTMLDivElement | null>, content: React.RefObject<HTMLDivElement | null>, sent: string | undefined) {
  const [away, setAway] = useState(false)
  const stuck = useRef(true)
  const byPerson = useRef(false)
  const goneTo = useRef<string>(null)
  const [isAway] = useState(() => () => !stuck.current)
  const place = useKeptPlace(scroller, content, isAway)
  useLayoutEffect(() => {
    const box = scroller.current
    if (!box || goneTo.current === (sent ?? '')) return
    const arriving = goneTo.current === null
    goneTo.current = sent ?? ''
    byPerson.current = false
    stuck.current = !(arriving && goTo(place.current, box, content.current))
    if (stuck.current) box.scrollTo(0, box.scrollHeight)
  }, [scroller, content, place, sent])
  useEffect(() => {
    const box = scroller.current
    const inner = content.current
    if (!box || !inner) return
    let last = box.scrollTop
    const onScroll = () => {
      const rest = box.scrollHeight - box.scrollTop - box.clientHeight
      if (rest < nearEnd) stuck.current = !place.current
      // A composer that gets lower and a message that grows move the page too, before the observer has seen either.
      else if (byPerson.current && box.scrollTop < last) stuck.current = false
      last = box.scrollTop
      setAway(rest > 600)
    }
    const onScrollEnd = () => (byPerson.current = false)
    const onInput = () => (byPerson.current = true)
    const observer = new ResizeObserver(() => {
      if (!goTo(place.current, box, inner) && stuck.current) box.scrollTo(0, box.scrollHeight)
    })
    observer.observe(inner)
    observer.observe(box)
    box.addEventListener('scroll', onScroll, { passive: true })
    box.addEventListener('scrollend', onScrollEnd)
    for (const input of scrollInputs) box.addEventListener(input, onInput, { passive: true })
    return () => {
      observer.disconnect()
      box.removeEventListener('scroll', onScroll)
      box.removeEventListener('scrollend', onScrollEnd)
      for (const input of scrollInputs) box.removeEventListener(input, onInput)
    }
  }, [scroller, content, place])
  return away
}
