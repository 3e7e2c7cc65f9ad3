import type { ChatSocket } from '@gemini-image-chat/client'
import { create } from 'zustand'
import { api } from '../api/client.ts'
import { keys, listenForTurns, loadConversation, queryClient, type Conversation } from '../api/queries.ts'
import type { ServerFrame } from '../api/types.ts'
import { callBack } from '../shell/attention.ts'
import { noteAnswer } from '../shell/unread.ts'
import { deliverWaiting, useOutgoing } from './outgoing.ts'
import { isRunning, useTurns, withMessage } from './turns.ts'

/** `down` is a line that is being brought back, `ended` one that cannot be. */
export type LineState = 'connecting' | 'open' | 'down' | 'ended'

interface Line {
  socket: ChatSocket
  watchers: number
  opened: boolean
}

const lines = new Map<string, Line>()

/** What the connection of each conversation does. */
export const useLine = create<{ states: Record<string, LineState> }>()(() => ({ states: {} }))

/** Keeps a conversation's socket open until the returned function is called, and longer while a turn of it runs. */
export function join(sessionId: string) {
  let line = lines.get(sessionId)
  if (!line) {
    line = { watchers: 0, opened: false, socket: dial(sessionId) }
    lines.set(sessionId, line)
  }
  line.watchers += 1
  return () => {
    line.watchers -= 1
    hangUpIfIdle(sessionId)
  }
}

function dial(sessionId: string, after?: number) {
  const socket = api.socket(sessionId, { after })
  socket.on('frame', (frame) => receive(sessionId, frame))
  socket.on('fail', () => onState(sessionId, 'ended'))
  socket.on('state', (state) => {
    if (state !== 'closed') onState(sessionId, state === 'waiting' ? 'down' : state)
  })
  return socket
}

/** Gives a line up and dials again after the last frame that it brought. */
export function reconnect(sessionId: string) {
  const line = lines.get(sessionId)
  if (!line || line.socket.state === 'open') return
  line.socket.close()
  line.socket = dial(sessionId, line.socket.seq)
}

// A browser that loses its network does not tell its sockets; without this the page would look connected for a while.
window.addEventListener('offline', () => {
  for (const [sessionId, line] of lines) {
    line.socket.close()
    line.socket = dial(sessionId, line.socket.seq)
    onState(sessionId, 'down')
  }
})

function hangUpIfIdle(sessionId: string) {
  const line = lines.get(sessionId)
  const working = Object.values(useTurns.getState().turns).some((turn) => turn.sessionId === sessionId && isRunning(turn))
  // What was just sent is a turn as soon as the server answers; who leaves meanwhile wants to hear its end, too.
  const sending = useOutgoing.getState().items.some((one) => one.sessionId === sessionId && one.state === 'sending')
  if (!line || line.watchers > 0 || working || sending) return
  line.socket.close()
  lines.delete(sessionId)
}

function onState(sessionId: string, state: LineState) {
  const before = useLine.getState().states[sessionId]
  // Trying again is still being down, as long as it does not succeed.
  const shown = state === 'connecting' && before === 'down' ? 'down' : state
  useLine.setState((s) => ({ states: { ...s.states, [sessionId]: shown } }))
  const line = lines.get(sessionId)
  if (state !== 'open' || !line) return
  // The first time, what happened between loading the page and connecting has to be asked for; later the socket resumes.
  if (!line.opened) void catchUp(sessionId)
  line.opened = true
  deliverWaiting(sessionId)
}

/** Asks for what ended before the socket was there, and for the lists and figures that it changed. */
async function catchUp(sessionId: string) {
  const messages = () => queryClient.getQueryData<Conversation>(keys.conversation(sessionId))?.messages.length
  const before = messages()
  await refresh(sessionId)
  if (messages() !== before) settle(sessionId)
}

/** Brings a conversation up to date. */
export async function refresh(sessionId: string) {
  await queryClient.fetchQuery({ queryKey: keys.conversation(sessionId), queryFn: () => loadConversation(sessionId), staleTime: 0 })
}

// A page that was opened in the middle of a turn shows it going on; what the socket said later than this is newer.
listenForTurns((active, answered) => {
  const { turns, put, drop } = useTurns.getState()
  const working = new Set(active.map((one) => one.id))
  for (const turn of active) if (!isRunning(turns[turn.id])) put(turn)
  for (const id of Object.keys(turns)) if (answered.has(id) && !working.has(id)) drop(id)
})

/** How often a conversation is asked for while its line is down: some networks let no socket through at all. */
const askEveryMs = 4000

setInterval(() => {
  for (const [sessionId, line] of lines) {
    if (line.watchers > 0 && line.socket.state !== 'open') catchUp(sessionId).catch(() => {})
  }
}, askEveryMs)

function receive(sessionId: string, frame: ServerFrame) {
  const code = frame.type === 'status' ? frame.data.code : undefined
  const message = frame.type !== 'error' && 'message' in frame.data ? frame.data.message : undefined
  if (message) {
    queryClient.setQueryData<Conversation>(keys.conversation(sessionId), (known) => known && { ...known, messages: withMessage(known.messages, message) })
    if (frame.id && frame.turn_id) useOutgoing.getState().accepted(frame.id, frame.turn_id)
  }
  useTurns.getState().apply(sessionId, frame)
  // After a resync the server could not tell all that happened, so everything is asked for.
  if (code === 'session' || code === 'resync') void refresh(sessionId)
  // A new name or format is shown in the list too.
  if (code === 'session') void queryClient.invalidateQueries({ queryKey: keys.sessions })
  if (frame.type === 'status') return
  if (frame.turn_id) noteAnswer(sessionId)
  callBack(sessionId, queryClient.getQueryData<Conversation>(keys.conversation(sessionId))?.session.title ?? '', frame)
  settle(sessionId)
}

/** After a turn has ended, the lists and figures that it changed are asked for again. */
function settle(sessionId: string) {
  void queryClient.invalidateQueries({ queryKey: keys.sessions })
  void queryClient.invalidateQueries({ queryKey: keys.estimates(sessionId) })
  void queryClient.invalidateQueries({ queryKey: keys.images })
  void queryClient.invalidateQueries({ queryKey: keys.usage })
  hangUpIfIdle(sessionId)
}
