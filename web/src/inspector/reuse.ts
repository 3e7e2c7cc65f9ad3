import { api } from '../api/client.ts'
import { keys, queryClient, type Conversation } from '../api/queries.ts'
import type { Message, Picture, Session, TurnRequest } from '../api/types.ts'
import { focusComposer, useDrafts, type Options } from '../conversation/draft.ts'
import { draftOf } from '../conversation/references.tsx'
import { choose, drop } from '../conversation/subject.ts'

function messagesOf(sessionId: string): Message[] {
  return queryClient.getQueryData<Conversation>(keys.conversation(sessionId))?.messages ?? []
}

/** What the person said that led to a picture, with what was sent along. */
function saidFor(picture: Picture, sessionId: string): Message | undefined {
  const messages = messagesOf(sessionId)
  const reply = messages.find((message) => message.role === 'assistant' && message.images.some((one) => one.id === picture.id))
  return reply && messages.find((message) => message.role === 'user' && message.turn_id === reply.turn_id)
}

/** The words that led to a picture; the prompt itself holds the brand and the format too. */
export function wordsFor(picture: Picture, sessionId: string): string {
  return saidFor(picture, sessionId)?.text_content || picture.alt_text || picture.prompt_used
}

/** What was asked for when a picture was made; of one whose turn is gone, what the picture itself tells. */
export async function requestFor(picture: Picture, sessionId: string): Promise<TurnRequest> {
  const turn = saidFor(picture, sessionId)?.turn_id
  try {
    if (turn) return (await api.turns.get(turn)).request
  } catch {
    // Its turn cannot be read now: the picture tells most of it.
  }
  return {
    kind: picture.parent_image_id ? 'refine' : 'generate', content: wordsFor(picture, sessionId), image_id: picture.parent_image_id,
    image_purpose: picture.image_purpose || undefined, style_preset: picture.style_preset ?? undefined, model: picture.model_used || undefined,
  }
}

/** Puts what a picture was made with back into the composer: words, settings, references, and what it was made from. */
export async function reuse(picture: Picture, session: Session) {
  const request = await requestFor(picture, session.id)
  await putBack(session, request, saidFor(picture, session.id)?.reference_images ?? [], picture.parent_image_id)
}

/**
 * Puts a message of the person back into the composer as it was, with the picture that it changed. Sent again with
 * other words it begins a branch there.
 */
export async function editSaid(message: Message, session: Session) {
  const { request } = await api.turns.get(message.turn_id)
  const reply = messagesOf(session.id).find((one) => one.role === 'assistant' && one.turn_id === message.turn_id)
  await putBack(session, request, message.reference_images, reply?.images[0]?.parent_image_id)
}

/** Fills the composer with a request and what it started from. */
async function putBack(session: Session, request: TurnRequest, references: Picture[], parent: string | undefined) {
  const { change, setOptions } = useDrafts.getState()
  const options: Partial<Options> = { count: request.count ?? 1, size: request.image_size ?? '', model: request.model ?? '' }
  if (request.kind !== 'refine') options.mode = request.kind
  if (request.custom_width && request.custom_height) Object.assign(options, { customWidth: request.custom_width, customHeight: request.custom_height })
  setOptions(options)
  change(session.id, draftOf(request, references))
  const messages = messagesOf(session.id)
  const start = messages.flatMap((one) => one.images).find((one) => one.id === (request.image_id ?? parent))
  if (start) choose(session.id, start)
  else drop(session.id)
  await putPreset(session, request)
  focusComposer()
}

/** Gives the conversation the purpose and style of a request, where it has others. */
async function putPreset(session: Session, request: TurnRequest) {
  const purpose = request.image_purpose ?? session.image_purpose
  const style = request.style_preset ?? null
  if (purpose === session.image_purpose && style === (session.style_preset ?? null)) return
  const size = request.custom_width && request.custom_height ? { custom_width: request.custom_width, custom_height: request.custom_height } : {}
  const changed = await api.sessions.update(session.id, { image_purpose: purpose, style_preset: style, ...size })
  queryClient.setQueryData<Conversation>(keys.conversation(session.id), (known) => known && { ...known, session: { ...known.session, ...changed } })
}
