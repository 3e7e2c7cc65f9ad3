import { keys, queryClient, type Conversation } from '../api/queries.ts'
import type { Message, Picture } from '../api/types.ts'

const none: readonly Picture[] = []

/** The pictures that messages brought, oldest first. */
export function picturesOf(messages: readonly Message[]): Picture[] {
  return messages.flatMap((message) => (message.role === 'assistant' ? (message.images ?? []) : []))
}

/** The pictures of a conversation as far as they are loaded. */
export function conversationPictures(session: string): Picture[] {
  return picturesOf(queryClient.getQueryData<Conversation>(keys.conversation(session))?.messages ?? [])
}

/** The pictures that came with the newest of them. */
export function lastAnswerOf(session: string): readonly Picture[] {
  const messages = queryClient.getQueryData<Conversation>(keys.conversation(session))?.messages
  return messages?.findLast((one) => one.role === 'assistant' && one.images.length > 0)?.images ?? none
}
