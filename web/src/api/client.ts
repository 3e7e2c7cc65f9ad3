import { createClient, ImageChatError, type ListImagesData } from '@gemini-image-chat/client'
import { prefix } from '../prefix.ts'
import { useSettings } from '../settings/settings.ts'
import type { Trouble } from './types.ts'

declare global {
  interface Window {
    /** What src/first/boot.ts has asked for before the app was there, by path. */
    early?: Record<string, Promise<Response>>
    /** Settles when the pictures that it drew are in sight, or cannot be. */
    firstPictures?: Promise<unknown>
  }
}

/** Takes an answer that is on its way already; each serves once. */
const fetchEarly: typeof fetch = (input, init) => {
  const request = new Request(input, init)
  const { pathname, search } = new URL(request.url)
  const early = window.early?.[pathname + search]
  if (!early || request.method !== 'GET') return fetch(request)
  delete window.early?.[pathname + search]
  return early.catch(() => fetch(request))
}

/** The server, reached from its own page; answers come in the app's language. */
export const api = createClient({ baseUrl: prefix && window.location.origin + prefix, language: () => useSettings.getState().language, fetch: fetchEarly })

export type ImageFilter = NonNullable<ListImagesData['query']>

/** The trouble inside any thrown value; anything but the server's own word means that it was not reached. */
export function problemOf(error: unknown): Trouble {
  return error instanceof ImageChatError ? error.problem : { code: 'network', retryable: true }
}

/** Where a picture's bytes are; `w` asks for a scaled copy of that width, `download` for a file with a good name. */
export function contentUrl(id: string, query: { w?: number; download?: boolean } = {}) {
  return api.images.contentUrl(id, query)
}
