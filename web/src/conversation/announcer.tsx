import { useEffect, useRef, useState } from 'react'
import { keys, queryClient, type Conversation } from '../api/queries.ts'
import { words } from '../i18n/i18n.ts'
import { isRunning, useTurns } from './turns.ts'

/** Tells screen readers that a turn began, ended well or failed; never its progress. */
export function Announcer({ sessionId }: { sessionId: string }) {
  const [said, setSaid] = useState('')
  const before = useRef<ReadonlySet<string>>(new Set())
  useEffect(
    () =>
      useTurns.subscribe(({ turns }) => {
        const t = words()
        const running = new Set(Object.values(turns).filter((one) => one.sessionId === sessionId && isRunning(one)).map((one) => one.id))
        for (const id of running) if (!before.current.has(id)) setSaid(t.thread.started)
        for (const id of before.current) {
          if (running.has(id)) continue
          if (turns[id]) setSaid(t.thread.failed)
          else {
            const messages = queryClient.getQueryData<Conversation>(keys.conversation(sessionId))?.messages
            const reply = messages?.findLast((one) => one.turn_id === id && one.role === 'assistant')
            // A failure may have come with the first reading of the conversation, which drops the turn.
            setSaid(reply?.error && reply.images.length === 0 ? t.thread.failed : t.thread.finished(reply?.images.length ?? 0))
          }
        }
        before.current = running
      }),
    [sessionId],
  )
  return <div role="status" aria-live="polite" className="sr-only">{said}</div>
}
