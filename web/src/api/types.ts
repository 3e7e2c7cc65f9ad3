// The shapes of the API are the client's own; only what the app names otherwise is named here.
import type { Image, Problem } from '@gemini-image-chat/client'

export type {
  Health, ImageSize, Message, Model, Problem, Purpose, ServerFrame, Session, Style, Turn, TurnKind, TurnRequest, Usage,
} from '@gemini-image-chat/client'

/** An image; the DOM has a type of that name already. */
export type Picture = Image

/** What went wrong: the server's problem, or `network` when the server was not reached. */
export type Trouble = Partial<Omit<Problem, 'code'>> & { code: Problem['code'] | 'network' }
