import { useState } from 'react'
import { api } from '../api/client.ts'
import { keys, queryClient, useModels, usePurposes, type Conversation } from '../api/queries.ts'
import type { Message, Session } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { Button } from '../ui/kit.tsx'
import { useNow } from '../ui/now.ts'
import { Failure } from './failure.tsx'
import { Prose } from './prose.tsx'
import { useLine } from './line.ts'
import { isRunning, useTurns, type LiveTurn } from './turns.ts'

/** A turn that goes on, or ended without an answer: one place for every state that it can be in. */
export function LiveTurnView({ turn, request, session }: { turn: LiveTurn; request: Message; session: Session }) {
  const t = useT()
  if (turn.stage === 'failed' || turn.stage === 'cancelled') {
    return <Failure problem={turn.problem ?? { code: turn.stage === 'cancelled' ? 'cancelled' : 'internal', retryable: true }} turnId={turn.id} at={turn.at} session={session} text={request.text_content ?? ''} />
  }
  return (
    <div className="fade-in flex flex-col gap-3" aria-busy>
      {turn.text && <Prose text={turn.text} writing={turn.stage === 'streaming'} />}
      {drawsPicture(turn) && <Tiles turn={turn} session={session} />}
      <Progress turn={turn} t={t} />
    </div>
  )
}

/** Whether a picture is surely on its way, so that its place can be kept. */
function drawsPicture(turn: LiveTurn) {
  if (turn.kind === 'chat') return false
  return turn.kind !== 'converse' || turn.stage === 'generating' || turn.stage === 'saving'
}

/** The places of the pictures to come, in their final ratio. */
function Tiles({ turn, session }: { turn: LiveTurn; session: Session }) {
  const sent = turn.request
  const purposes = usePurposes()
  const purpose = purposes.data?.find((one) => one.id === (sent?.image_purpose ?? session.image_purpose))
  const edited = editedPicture(turn, session.id)
  const ratio = edited ? edited.width / edited.height : ratioOf(purpose?.model_ratio ?? purpose?.ratio)
  const count = sent?.count ?? 1
  return (
    <div aria-hidden className={`grid gap-3 ${count > 1 ? 'grid-cols-2' : 'grid-cols-1'}`}>
      {Array.from({ length: count }, (_, n) => (
        <div key={n} className="making w-full rounded-lg ring-1 ring-line" style={{ aspectRatio: ratio, maxWidth: count === 1 ? `min(100%, ${Math.max(20, 60 * ratio).toFixed(1)}vh)` : undefined }} />
      ))}
    </div>
  )
}

/** The picture that a turn changes: the one it names, for a refinement that names none the newest. */
function editedPicture(turn: LiveTurn, sessionId: string) {
  if (turn.kind !== 'refine' && !turn.request?.image_id) return undefined
  const pictures = queryClient.getQueryData<Conversation>(keys.conversation(sessionId))?.messages.flatMap((one) => (one.role === 'assistant' ? (one.images ?? []) : [])) ?? []
  return turn.request?.image_id ? pictures.find((one) => one.id === turn.request?.image_id) : pictures.at(-1)
}

/** Width by height of a ratio written as in "16:9"; square when it says nothing. */
export function ratioOf(text: string | undefined) {
  const [width, height] = (text ?? '').split(':').map(Number)
  return width && height ? width / height : 1
}

function Progress({ turn, t }: { turn: LiveTurn; t: ReturnType<typeof useT> }) {
  // While the line is down nobody knows whether the work goes on, so the clock stands still.
  const down = useLine((s) => s.states[turn.sessionId] === 'down')
  const now = useNow(isRunning(turn) && !down)
  const elapsed = Math.floor((turn.elapsedMs + Math.max(0, now - turn.at)) / 1000)
  const expected = Math.round(turn.expectedMs / 1000)
  const models = useModels()
  const free = models.data?.every((one) => Object.values(one.usd_per_turn).every((price) => price === 0)) ?? true
  const [stopping, setStopping] = useState(false)
  const stop = async () => {
    setStopping(true)
    try {
      useTurns.getState().put(await api.turns.cancel(turn.id))
    } catch {
      // It ended in the meantime; the frames say how.
      setStopping(false)
    }
  }
  const counting = turn.stage === 'generating' || turn.stage === 'thinking' || turn.stage === 'saving'
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-caption text-ink-2">
      <span aria-hidden className="size-2 animate-pulse rounded-full bg-indigo" />
      <span className="font-medium">{stageText(turn, now, t)}</span>
      {counting && <span className="text-ink-3">{t.stage.elapsed(elapsed)}</span>}
      {turn.stage === 'generating' && expected > 0 && <span className="text-ink-3">{elapsed > expected * 1.5 ? t.stage.longer : t.stage.expected(expected)}</span>}
      <Button small tone="ghost" disabled={stopping} onClick={() => void stop()} className="-my-1">{t.stage.cancel}</Button>
      {turn.stage === 'generating' && !free && <span className="text-ink-3">{t.stage.cancelCost}</span>}
    </div>
  )
}

function stageText(turn: LiveTurn, now: number, t: ReturnType<typeof useT>): string {
  switch (turn.stage) {
    case 'queued': return t.stage.queued(turn.position)
    case 'retrying': return t.stage.retrying(Math.max(0, Math.ceil((turn.retryAt - now) / 1000)))
    case 'failed':
    case 'cancelled': return ''
    default: return t.stage[turn.stage]
  }
}
