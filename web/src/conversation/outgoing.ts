import { create } from 'zustand'
import { createJSONStorage, persist } from 'zustand/middleware'
import { api, problemOf } from '../api/client.ts'
import type { Picture, Trouble, TurnRequest } from '../api/types.ts'
import { useTurns } from './turns.ts'

/** A message on its way: shown at once, solid when the server has it, kept with its pictures when it could not be sent. */
export interface Outgoing {
  /** Client-made id; also the idempotency key, so that sending again can never buy twice. */
  key: string
  sessionId: string
  request: TurnRequest
  references: Picture[]
  state: 'sending' | 'unsent' | 'accepted'
  problem?: Trouble
  /** When it was refused, by this clock. */
  failedAt?: number
  turnId?: string
  createdAt: string
}

interface Store {
  items: Outgoing[]
  add: (item: Outgoing) => void
  change: (key: string, change: Partial<Outgoing>) => void
  remove: (key: string) => void
  /** Marks the message that an `accepted` frame speaks of, when the frame overtakes the answer to the request. */
  accepted: (key: string, turnId: string) => void
}

/** Kept in the tab's storage: a reload in the middle of sending loses nothing. */
export const useOutgoing = create<Store>()(
  persist(
    (set) => ({
      items: [],
      add: (item) => set((s) => ({ items: [...s.items.slice(-30), item] })),
      change: (key, change) => set((s) => ({ items: s.items.map((one) => (one.key === key ? { ...one, ...change } : one)) })),
      remove: (key) => set((s) => ({ items: s.items.filter((one) => one.key !== key) })),
      accepted: (key, turnId) =>
        set((s) => ({ items: s.items.map((one) => (one.key === key ? { ...one, state: 'accepted' as const, turnId } : one)) })),
    }),
    { name: 'imagechat.outgoing', storage: createJSONStorage(() => sessionStorage) },
  ),
)

/** Sends, or sends again: under the same key it is the same turn. Returns what kept it from being accepted. */
export async function deliver(item: Outgoing): Promise<Trouble | undefined> {
  const { change } = useOutgoing.getState()
  onItsWay.add(item.key)
  change(item.key, { state: 'sending', problem: undefined })
  try {
    const turn = await api.turns.create(item.sessionId, item.request, { idempotencyKey: item.key })
    change(item.key, { state: 'accepted', turnId: turn.id })
    // The socket may have brought later news than this answer.
    if (!useTurns.getState().turns[turn.id] && turn.status !== 'succeeded') useTurns.getState().put(turn)
  } catch (error) {
    const problem = problemOf(error)
    change(item.key, { state: 'unsent', problem, failedAt: Date.now() })
    return problem
  } finally {
    onItsWay.delete(item.key)
  }
}

/** What this page is sending now; what says so without being here was cut off by a reload. */
const onItsWay = new Set<string>()

/**
 * Sends what waits for the network, once there is one again, and what a reload cut off. Whether that had reached the
 * server nobody knows, but under its key it is the same turn.
 */
export function deliverWaiting(sessionId: string) {
  for (const item of useOutgoing.getState().items) {
    if (item.sessionId !== sessionId || onItsWay.has(item.key)) continue
    if (item.state === 'sending' || (item.state === 'unsent' && item.problem?.code === 'network')) void deliver(item)
  }
}

/** A fresh idempotency key. Not randomUUID, which browsers keep from pages without HTTPS. */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Shows a new message at once and sends it. Returns what kept it from being accepted. */
export function queueTurn(sessionId: string, request: TurnRequest, references: Picture[]): Promise<Trouble | undefined> {
  const item: Outgoing = { key: newKey(), sessionId, request, references, state: 'sending', createdAt: new Date().toISOString() }
  useOutgoing.getState().add(item)
  return deliver(item)
}
