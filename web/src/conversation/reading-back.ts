import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api, problemOf } from '../api/client.ts'
import { keys, queryClient, type Conversation } from '../api/queries.ts'
import type { Picture } from '../api/types.ts'
import { conversationPictures } from './pictures.ts'

/** Reads the page of messages before those that are shown. Returns whether there was one. */
export async function readBack(session: string): Promise<boolean> {
  const known = queryClient.getQueryData<Conversation>(keys.conversation(session))
  if (!known?.before) return false
  const page = await api.sessions.get(session, { messages_before: known.before })
  queryClient.setQueryData<Conversation>(keys.conversation(session), (now) => {
    // Someone else may have read the same page in the meantime.
    if (!now || now.before !== known.before) return now
    return { ...now, before: page.messages_before, messages: [...page.messages, ...now.messages] }
  })
  return true
}

async function readBackTo(session: string, picture: string, leaving: AbortSignal) {
  while (!leaving.aborted && !conversationPictures(session).some((one) => one.id === picture)) if (!(await readBack(session))) return
}

/** What became of a picture that an address names but the page does not hold. */
export type Found = { state: 'here' | 'loading' | 'missing' | 'unreachable' } | { state: 'elsewhere'; picture: Picture }

/**
 * Brings a picture to the page that the newest messages do not hold, and the first picture of its line with it: one
 * that is asked for is shown or named as missing, never another in its place.
 */
export function useFound(session: string, pictures: readonly Picture[], id: string | undefined): Found {
  const parent = id === undefined ? undefined : firstUnknown(pictures, id)
  const wanted = id !== undefined && !pictures.some((one) => one.id === id) ? id : parent
  const query = useQuery({ queryKey: ['image', wanted], queryFn: () => api.images.get(wanted ?? ''), enabled: wanted !== undefined, staleTime: 60_000 })
  const [failed, setFailed] = useState(false)
  const own = query.data?.session_id === session
  useEffect(() => {
    if (!wanted || !own) return
    const leaving = new AbortController()
    readBackTo(session, wanted, leaving.signal).catch(() => setFailed(true))
    return () => leaving.abort()
  }, [session, wanted, own])
  if (wanted === undefined || wanted !== id) return { state: 'here' }
  if (query.isError) return { state: problemOf(query.error).code === 'network' ? 'unreachable' : 'missing' }
  if (!query.data) return { state: 'loading' }
  if (!own) return { state: 'elsewhere', picture: query.data }
  return { state: failed ? 'unreachable' : 'loading' }
}

/** The picture that the oldest known one of a line was made from, if the page does not hold it. */
function firstUnknown(pictures: readonly Picture[], id: string): string | undefined {
  const byId = new Map(pictures.map((one) => [one.id, one]))
  const seen = new Set<string>()
  let at = byId.get(id)
  while (at?.parent_image_id && !seen.has(at.id)) {
    seen.add(at.id)
    const parent = byId.get(at.parent_image_id)
    if (!parent) return at.parent_image_id
    at = parent
  }
  return undefined
}
