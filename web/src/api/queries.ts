import { infiniteQueryOptions, QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useSettings } from '../settings/settings.ts'
import { api, type ImageFilter } from './client.ts'
import type { Message, Picture, Session, Turn } from './types.ts'

/** One cache for the page. The socket keeps it true, so nothing is fetched again merely because a window got focus. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // The client itself tries again what is worth it.
      retry: false,
    },
  },
})

/** A conversation as it is shown: the session and the messages known so far, oldest first. */
export interface Conversation {
  session: Session
  messages: Message[]
  /** Where the page of older messages begins, while there is one. */
  before?: string
}

export const keys = {
  sessions: ['sessions'] as const,
  conversation: (id: string) => ['conversation', id] as const,
  estimates: (id: string) => ['estimate', id] as const,
  images: ['images'] as const,
  usage: ['usage'] as const,
}

const forever = { staleTime: Number.POSITIVE_INFINITY }

export function usePurposes() {
  const language = useSettings((s) => s.language)
  return useQuery({ queryKey: ['purposes', language], queryFn: () => api.purposes.list(), ...forever })
}

export function useStyles() {
  const language = useSettings((s) => s.language)
  return useQuery({ queryKey: ['styles', language], queryFn: () => api.styles.list(), ...forever })
}

export function useModels() {
  return useQuery({ queryKey: ['models'], queryFn: () => api.models.list(), staleTime: 300_000 })
}

export function useHealth() {
  return useQuery({ queryKey: ['health'], queryFn: () => api.health(), staleTime: 60_000 })
}

/** What the server is and which troubles it knows of, in the language of the page. */
export function useInfo() {
  const language = useSettings((s) => s.language)
  return useQuery({ queryKey: ['info', language], queryFn: () => api.info(), staleTime: 60_000 })
}

/** A turn as the server has it: what it cost is known only there. */
export function useTurn(id: string | undefined) {
  return useQuery({ queryKey: ['turn', id], queryFn: () => api.turns.get(id ?? ''), enabled: id !== undefined, staleTime: 0 })
}

/** The budget alone, asked for again whenever something was spent. Counting from now on spares the server the sums. */
export function useBudget() {
  return useQuery({ queryKey: [...keys.usage, 'budget'], queryFn: async () => (await api.usage.get({ since: new Date().toISOString() })).budget, staleTime: 60_000 })
}

export function useUsage() {
  return useQuery({ queryKey: keys.usage, queryFn: () => api.usage.get(), staleTime: 0 })
}

let onTurns: (active: readonly Turn[], answered: ReadonlySet<string>) => void = () => {}

/** Who is told, when a conversation is loaded, of the turns that wait or run and of those that have their answer. */
export function listenForTurns(listener: typeof onTurns) {
  onTurns = listener
}

/**
 * The session and its newest messages, joined with those already shown: pages read back earlier, and what the socket
 * brought while the request was under way.
 */
export async function loadConversation(id: string): Promise<Conversation> {
  const { messages, messages_before, active_turns, ...session } = await api.sessions.get(id)
  const fresh = messages ?? []
  onTurns(active_turns ?? [], new Set(fresh.filter((one) => one.role === 'assistant').map((one) => one.turn_id)))
  const cached = queryClient.getQueryData<Conversation>(keys.conversation(id))
  const known = cached?.messages ?? []
  const ids = new Set(fresh.map((one) => one.id))
  const first = fresh[0]?.created_at ?? ''
  const last = fresh.at(-1)?.created_at ?? ''
  const others = known.filter((one) => !ids.has(one.id))
  const older = others.filter((one) => one.created_at < first)
  return {
    session,
    before: older.length > 0 ? cached?.before : messages_before,
    messages: [...older, ...fresh, ...others.filter((one) => one.created_at > last)],
  }
}

const conversationQuery = (id: string) => ({ queryKey: keys.conversation(id), queryFn: () => loadConversation(id), staleTime: Number.POSITIVE_INFINITY, gcTime: 600_000 })

export function useConversation(id: string) {
  return useQuery(conversationQuery(id))
}

/** Waits for what the page at an address opens on, so that its first drawing is whole. Failing is for the page to tell. */
export async function dataIsThere(pathname: string, search: string) {
  const [, page, id] = pathname.split('/')
  if (page === 'c' && id) await queryClient.prefetchQuery(conversationQuery(id))
  if (page === 'gallery' && search === '') await queryClient.prefetchInfiniteQuery(imagesQuery({}))
}

export function useSessions(filter: { q?: string; status?: Session['status'] }, enabled = true) {
  return useInfiniteQuery({
    enabled,
    queryKey: [...keys.sessions, filter],
    queryFn: ({ pageParam, signal }) => api.sessions.list({ ...filter, sort: 'updated', cursor: pageParam, limit: 40 }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor || undefined,
  })
}

const imagesQuery = (filter: ImageFilter) =>
  infiniteQueryOptions({
    queryKey: [...keys.images, filter],
    queryFn: ({ pageParam, signal }) => api.images.list({ ...filter, cursor: pageParam, limit: 100 }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor || undefined,
  })

export function useImages(filter: ImageFilter) {
  return useInfiniteQuery({ ...imagesQuery(filter), placeholderData: (previous) => previous })
}

/** Changes a picture wherever it is shown. */
export function useUpdateImage() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: { is_selected?: boolean; alt_text?: string } }) => api.images.update(id, change),
    onSuccess: (picture) => putPicture(client, picture),
  })
}

function putPicture(client: QueryClient, picture: Picture) {
  client.setQueriesData<Conversation>({ queryKey: ['conversation'] }, (known) =>
    known && {
      ...known,
      messages: known.messages.map((message) =>
        message.images?.some((one) => one.id === picture.id)
          ? { ...message, images: message.images.map((one) => (one.id === picture.id ? { ...one, ...picture } : one)) }
          : message,
      ),
    },
  )
  client.setQueriesData<{ pages: { images: Picture[] }[]; pageParams: unknown[] }>({ queryKey: keys.images }, (known) =>
    known && {
      ...known,
      pages: known.pages.map((page) => ({ ...page, images: page.images.map((one) => (one.id === picture.id ? { ...one, ...picture } : one)) })),
    },
  )
}

type SessionChange = NonNullable<Parameters<typeof api.sessions.update>[1]>

/** Changes a session and shows the change everywhere at once. */
export function useUpdateSession() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: SessionChange }) => api.sessions.update(id, change),
    onSuccess: (session) => {
      client.setQueryData<Conversation>(keys.conversation(session.id), (known) => known && { ...known, session: { ...known.session, ...session } })
      void client.invalidateQueries({ queryKey: keys.sessions })
    },
  })
}
