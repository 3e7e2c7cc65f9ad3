import { createClient, ImageChatError, type ListImagesData } from '@gemini-image-chat/client'
import { useSettings } from '../settings/settings.ts'
import type { Trouble } from './types.ts'

/** The server, reached from its own page; answers come in the app's language. */
export const api = createClient({ language: () => useSettings.getState().language })

export type ImageFilter = NonNullable<ListImagesData['query']>

/** The trouble inside any thrown value; anything but the server's own word means that it was not reached. */
export function problemOf(error: unknown): Trouble {
  return error instanceof ImageChatError ? error.problem : { code: 'network', retryable: true }
}

/** Where a picture's bytes are; `w` asks for a scaled copy of that width, `download` for a file with a good name. */
export function contentUrl(id: string, query: { w?: number; download?: boolean } = {}) {
  return api.images.contentUrl(id, query)
}
