import { act, render, screen } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'
import { keys, queryClient } from '../api/queries.ts'
import type { Turn } from '../api/types.ts'
import { words } from '../i18n/i18n.ts'
import { Announcer } from './announcer.tsx'
import { useTurns } from './turns.ts'

const turn = { id: 't', session_id: 's', kind: 'generate', status: 'running', created_at: '2026-12-01T00:00:00Z' } as Turn

beforeEach(() => queryClient.clear())

it.each([
  ['a failed reply that came with the first reading', { error: { code: 'content_blocked' }, images: [] }, () => words().thread.failed],
  ['pictures', { images: [{}, {}] }, () => words().thread.finished(2)],
  ['pictures of which one was lost', { error: { code: 'content_blocked' }, images: [{}] }, () => words().thread.finished(1)],
])('tells %s', (_, reply, want) => {
  render(<Announcer sessionId="s" />)
  act(() => useTurns.getState().put(turn))
  expect(screen.getByRole('status')).toHaveTextContent(words().thread.started)
  queryClient.setQueryData(keys.conversation('s'), { session: { id: 's' }, messages: [{ id: 'm', turn_id: 't', role: 'assistant', ...reply }] })
  act(() => useTurns.getState().drop('t'))
  expect(screen.getByRole('status')).toHaveTextContent(want())
})
