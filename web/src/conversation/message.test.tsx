import { QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import { MemoryRouter } from 'react-router'
import { describe, expect, it } from 'vitest'
import { queryClient } from '../api/queries.ts'
import type { Message, Picture } from '../api/types.ts'
import { AssistantMessage } from './message.tsx'

const picture = { id: 'p1', width: 4, height: 3 } as Picture

function show(message: Partial<Message>) {
  render(
    <QueryClientProvider client={queryClient}>
      <MemoryRouter>
        <AssistantMessage message={{ id: 'm1', role: 'assistant', images: [picture], ...message } as Message} sessionId="s1" />
      </MemoryRouter>
    </QueryClientProvider>,
  )
}

describe('a reply with pictures', () => {
  it.each([[400, 0], [1200, 1]])('that took %d ms says how long it took %d times', (ms, times) => {
    show({ generation_time_ms: ms })
    expect(screen.queryAllByText('1초 걸렸어요')).toHaveLength(times)
    expect(screen.queryByText('0초 걸렸어요')).toBeNull()
  })

  it('of which one was refused keeps the generator\'s words one click away', () => {
    show({ error: { code: 'content_blocked', detail: '하나는 만들지 못했어요. 생성기가 알린 이유: SAFETY', reason: 'SAFETY' } as Message['error'] })
    expect(screen.getByText('하나는 만들지 못했어요.')).toBeVisible()
    expect(screen.getByText('SAFETY')).not.toBeVisible()
  })
})
