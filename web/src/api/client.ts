import { useSettings } from '../settings/settings.ts'
import type {
  Health, ImagePage, Model, Picture, Problem, Purpose, Session, SessionDetail, SessionPage, Style, Turn, TurnRequest, Usage,
} from './types.ts'

const base = '/api/image-chat'

/** The server's refusal, or code `network` when it was not reached at all. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.code)
  }

  get code() {
    return this.problem.code
  }
}

/** The problem inside any thrown value. */
export function problemOf(error: unknown): Problem {
  return error instanceof ApiError ? error.problem : { code: 'network', retryable: true }
}

async function send(method: string, path: string, body?: unknown, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  headers.set('Accept-Language', useSettings.getState().language)
  if (body !== undefined && !(body instanceof FormData)) headers.set('Content-Type', 'application/json')
  let answer: Response
  try {
    answer = await fetch(path, { ...init, method, headers, body: body === undefined || body instanceof FormData ? body : JSON.stringify(body) })
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new ApiError({ code: 'network', retryable: true })
  }
  if (!answer.ok) throw new ApiError(await readProblem(answer))
  return answer
}

async function readProblem(answer: Response): Promise<Problem> {
  try {
    const problem = (await answer.json()) as Problem
    if (typeof problem.code === 'string') return problem
  } catch {
    // Not ours: a proxy's page. The status below says what there is to say.
  }
  return { code: answer.status === 401 ? 'unauthorized' : 'internal', status: answer.status, retryable: answer.status >= 500 }
}

async function json<T>(method: string, path: string, body?: unknown, init?: RequestInit): Promise<T> {
  return (await send(method, base + path, body, init)).json() as Promise<T>
}

function query(values: Record<string, string | number | boolean | undefined | null>) {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') params.set(key, String(value))
  }
  const text = params.toString()
  return text && `?${text}`
}

export interface ImageFilter {
  session_id?: string
  purpose?: string
  selected?: boolean
  q?: string
  since?: string
  cursor?: string
  limit?: number
}

export const api = {
  sessions: {
    list: (filter: { q?: string; status?: string; cursor?: string; limit?: number }, signal?: AbortSignal) =>
      json<SessionPage>('GET', `/sessions${query(filter)}`, undefined, { signal }),
    get: (id: string, before?: string) =>
      json<SessionDetail>('GET', `/sessions/${id}${query({ messages_before: before })}`),
    create: (body: { title?: string; image_purpose: string; style_preset?: string }) => json<Session>('POST', '/sessions', body),
    update: (id: string, change: Partial<Session>) => json<Session>('PATCH', `/sessions/${id}`, change),
    remove: async (id: string, keepalive = false) => {
      await send('DELETE', `${base}/sessions/${id}`, undefined, { keepalive })
    },
  },
  turns: {
    create: (sessionId: string, body: TurnRequest, key: string) =>
      json<Turn>('POST', `/sessions/${sessionId}/turns`, body, { headers: { 'Idempotency-Key': key } }),
    get: (id: string) => json<Turn>('GET', `/turns/${id}`),
    cancel: (id: string) => json<Turn>('POST', `/turns/${id}/cancel`),
    retry: (id: string) => json<Turn>('POST', `/turns/${id}/retry`),
  },
  images: {
    list: (filter: ImageFilter, signal?: AbortSignal) => json<ImagePage>('GET', `/images${query({ ...filter })}`, undefined, { signal }),
    get: (id: string) => json<Picture>('GET', `/images/${id}`),
    update: (id: string, change: { is_selected?: boolean; alt_text?: string }) => json<Picture>('PATCH', `/images/${id}`, change),
    remove: async (id: string, keepalive = false) => {
      await send('DELETE', `${base}/images/${id}`, undefined, { keepalive })
    },
    bytes: async (id: string, signal?: AbortSignal) => (await send('GET', `${base}/images/${id}/content`, undefined, { signal })).blob(),
  },
  uploads: {
    create: (file: File, signal?: AbortSignal) => {
      const form = new FormData()
      form.append('file', file)
      return json<Picture>('POST', '/uploads', form, { signal })
    },
  },
  exports: {
    create: async (sessionId: string, body: { image_id: string; purposes: string[]; formats?: string[]; focus?: { x: number; y: number } }) =>
      (await send('POST', `${base}/sessions/${sessionId}/exports`, body)).blob(),
  },
  purposes: () => json<Purpose[]>('GET', '/purposes'),
  styles: () => json<Style[]>('GET', '/styles'),
  models: () => json<Model[]>('GET', '/models'),
  usage: () => json<Usage>('GET', '/usage'),
  health: async () => (await send('GET', '/health')).json() as Promise<Health>,
  login: async (token: string) => {
    await send('POST', `${base}/login`, { token })
  },
  logout: async () => {
    await send('POST', `${base}/logout`)
  },
}

/** Where a picture's bytes are; `width` asks for a scaled copy, `download` for a file with a good name. */
export function contentUrl(id: string, options: { width?: number; download?: boolean } = {}) {
  return `${base}/images/${id}/content${query({ w: options.width, download: options.download ? 1 : undefined })}`
}

/** Where a picture cut to a placement's exact size is. */
export function exportUrl(id: string, options: { purpose: string; format?: string; fit?: string; focus?: string }) {
  return `${base}/images/${id}/export${query(options)}`
}
