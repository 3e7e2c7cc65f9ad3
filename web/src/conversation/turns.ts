import { create } from 'zustand'
import type { Message, ServerFrame, Trouble, Turn, TurnRequest } from '../api/types.ts'

/** Where a turn stands, as its tile shows it. */
export type Stage = 'queued' | 'thinking' | 'streaming' | 'generating' | 'retrying' | 'saving' | 'failed' | 'cancelled'

/** A turn that has not ended well yet: everything that its tile needs. */
export interface LiveTurn {
  id: string
  sessionId: string
  kind: Turn['kind']
  stage: Stage
  /** The reply so far. */
  text: string
  /** How many turns are ahead, while queued. */
  position: number
  /** As the server counted when it last spoke, at local time `at`. */
  elapsedMs: number
  expectedMs: number
  /** Local time of the next try, while retrying. */
  retryAt: number
  at: number
  problem?: Trouble
  /** What was asked for, once the server has told. */
  request?: TurnRequest
}

const ended: ReadonlySet<Stage> = new Set(['failed', 'cancelled'])

export function isRunning(turn: LiveTurn | undefined): turn is LiveTurn {
  return turn !== undefined && !ended.has(turn.stage)
}

/** A live turn from the turn's record, for a page that was opened in the middle. */
export function liveFrom(turn: Turn, now: number): LiveTurn | undefined {
  const started = turn.started_at ? Date.parse(turn.started_at) : now
  const base = {
    id: turn.id, sessionId: turn.session_id, kind: turn.kind, text: '', position: 0, elapsedMs: Math.max(0, now - started), expectedMs: 0, retryAt: 0, at: now,
    problem: turn.error ?? undefined, request: turn.request,
  }
  switch (turn.status) {
    case 'queued': return { ...base, elapsedMs: 0, stage: 'queued' }
    case 'running': return { ...base, stage: turn.kind === 'generate' || turn.kind === 'refine' ? 'generating' : 'thinking' }
    case 'failed': return { ...base, stage: base.problem?.code === 'cancelled' ? 'cancelled' : 'failed' }
    case 'cancelled': return { ...base, stage: 'cancelled' }
    case 'succeeded': return undefined
  }
}

export type LiveTurns = Readonly<Record<string, LiveTurn>>

const blank = { kind: 'converse', text: '', position: 0, elapsedMs: 0, expectedMs: 0, retryAt: 0 } as const

/** What the live turns are after a frame. Frames may come twice or for turns never heard of; neither does harm. */
export function reduce(turns: LiveTurns, sessionId: string, frame: ServerFrame, now: number): LiveTurns {
  const id = frame.turn_id
  if (!id) return turns
  if (frame.type === 'error') {
    return put(turns, id, sessionId, now, { stage: frame.data.code === 'cancelled' ? 'cancelled' : 'failed', problem: frame.data })
  }
  if (frame.type !== 'status') {
    const { [id]: _, ...others } = turns
    return others
  }
  if (frame.data.code === 'accepted') {
    const live = frame.data.turn && liveFrom(frame.data.turn, now)
    return live && !isRunning(turns[id]) ? { ...turns, [id]: live } : turns
  }
  const change = stageOf(frame, now)
  return change ? put(turns, id, sessionId, now, change) : turns
}

function stageOf({ data, content }: Extract<ServerFrame, { type: 'status' }>, now: number): Partial<LiveTurn> | undefined {
  switch (data.code) {
    case 'queued': return { stage: 'queued', position: data.position }
    case 'thinking': return { stage: 'thinking' }
    case 'streaming': return { stage: 'streaming', text: content }
    case 'generating': return { stage: 'generating', elapsedMs: data.elapsed_ms, expectedMs: data.expected_ms }
    case 'retrying': return { stage: 'retrying', retryAt: now + data.retry_after_ms }
    case 'saving': return { stage: 'saving' }
    default: return undefined
  }
}

function put(turns: LiveTurns, id: string, sessionId: string, now: number, change: Partial<LiveTurn>): LiveTurns {
  const known = turns[id]
  // The clock starts with the first sign of work, and goes on between frames.
  const elapsedMs = change.elapsedMs ?? (known && known.stage !== 'queued' ? known.elapsedMs + now - known.at : 0)
  const cleared = change.stage && !ended.has(change.stage) ? { problem: undefined } : {}
  return { ...turns, [id]: { ...blank, ...known, id, sessionId, stage: 'queued', ...cleared, ...change, elapsedMs, at: now } }
}

interface Store {
  turns: LiveTurns
  apply: (sessionId: string, frame: ServerFrame) => void
  put: (turn: Turn) => void
  drop: (id: string) => void
}

export const useTurns = create<Store>()((set) => ({
  turns: {},
  drop: (id) =>
    set((s) => {
      const { [id]: _, ...others } = s.turns
      return { turns: others }
    }),
  apply: (sessionId, frame) => set((s) => ({ turns: reduce(s.turns, sessionId, frame, Date.now()) })),
  put: (turn) =>
    set((s) => {
      const live = liveFrom(turn, Date.now())
      const { [turn.id]: _, ...others } = s.turns
      return { turns: live ? { ...others, [turn.id]: live } : others }
    }),
}))

/** The messages with one more, or with a newer copy of one already there; oldest first by its id, which holds its time. */
export function withMessage(messages: readonly Message[], message: Message): Message[] {
  const others = messages.filter((one) => one.id !== message.id)
  const at = others.findLastIndex((one) => one.created_at <= message.created_at)
  return others.toSpliced(at + 1, 0, message)
}
