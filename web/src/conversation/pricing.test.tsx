import { QueryClientProvider } from '@tanstack/react-query'
import { act, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { api } from '../api/client.ts'
import { queryClient } from '../api/queries.ts'
import type { Model, Picture } from '../api/types.ts'
import { emptyDraft, newDraft, useDrafts, type Draft } from './draft.ts'
import { intentOf, requestOf, useEstimate } from './pricing.ts'

const model = { id: 'm', default: true, sizes: ['1K', '2K'], default_size: '1K', usd_per_image: { '1K': 0.034, '2K': 0.05 }, usd_per_turn: { '1K': 0.047, '2K': 0.064 } } as unknown as Model

const within = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>

const estimateOf = (session: string) => renderHook(() => useEstimate(session, 'banner_web', ''), { wrapper: within })

beforeEach(() => {
  queryClient.clear()
  useDrafts.setState({ drafts: {} })
  useDrafts.getState().setOptions({ mode: 'generate', count: 1, size: '', model: '' })
  vi.spyOn(api.models, 'list').mockResolvedValue([model])
})

describe('the price on the button', () => {
  it('of a conversation is the server\'s, asked for once one writes and not for every letter', async () => {
    const asked = vi.spyOn(api.turns, 'estimate').mockImplementation(async (_, request) => ({ estimated_cost_usd: 0.05 * (request.count ?? 1) }))
    const { result } = estimateOf('s1')
    await waitFor(() => expect(result.current).toBe(0.047))
    expect(asked).not.toHaveBeenCalled()
    for (const text of ['바', '바다', '바닷', '바닷가']) act(() => useDrafts.getState().change('s1', { text }))
    await waitFor(() => expect(result.current).toBe(0.05))
    expect(asked).toHaveBeenCalledTimes(1)
    act(() => useDrafts.getState().setOptions({ count: 2 }))
    await waitFor(() => expect(result.current).toBe(0.1))
    act(() => useDrafts.getState().setOptions({ count: 1 }))
    expect(result.current).toBe(0.05)
    expect(asked.mock.calls.map(([id, request]) => [id, request.count])).toEqual([['s1', 1], ['s1', 2]])
  })

  it('of a first message is what a model tells of first messages', async () => {
    const asked = vi.spyOn(api.turns, 'estimate').mockResolvedValue({ estimated_cost_usd: 1 })
    asked.mockClear()
    act(() => useDrafts.getState().change(newDraft, { text: '바닷가' }))
    const { result } = estimateOf(newDraft)
    await waitFor(() => expect(result.current).toBe(0.047))
    act(() => useDrafts.getState().setOptions({ count: 2, size: '2K' }))
    expect(result.current).toBe(0.128)
    act(() => useDrafts.getState().setOptions({ mode: 'chat' }))
    expect(result.current).toBeUndefined()
    expect(asked).not.toHaveBeenCalled()
  })

  it('is what a first message costs where the server cannot say', async () => {
    const asked = vi.spyOn(api.turns, 'estimate').mockRejectedValue(new Error('offline'))
    act(() => useDrafts.getState().change('s1', { text: '바닷가' }))
    const { result } = estimateOf('s1')
    await waitFor(() => expect(asked).toHaveBeenCalled())
    await waitFor(() => expect(result.current).toBe(0.047))
  })
})

describe('what a message does', () => {
  const [a, b] = [{ id: 'a', image_purpose: 'ig_fb_story' }, { id: 'b' }] as Picture[] as [Picture, Picture]
  const options = { ...useDrafts.getState().options, mode: 'converse' as const, count: 4 }
  const doing = (draft: Partial<Draft>, last: Picture[], mode: 'converse' | 'generate' | 'chat' = 'converse') => {
    const { kind, subject, anew } = intentOf({ ...emptyDraft, ...draft }, { ...options, mode }, last)
    return [kind, subject?.id, anew]
  }

  it.each([
    ['the first wish makes as many as one has set', {}, [], 'converse', ['generate', undefined, true]],
    ['words about a picture that was chosen change it', { editing: a }, [a, b], 'converse', ['converse', 'a', false]],
    ['words after one picture change that', {}, [b], 'converse', ['converse', 'b', false]],
    ['words after several, none of which was chosen, make no new ones', {}, [a, b], 'converse', ['converse', undefined, false]],
    ['what was dropped is not changed: something new is made', { editing: null }, [b], 'converse', ['generate', undefined, true]],
    ['the mode that always draws changes what was chosen', { editing: a }, [b], 'generate', ['refine', 'a', false]],
    ['and makes anew where nothing was', {}, [b], 'generate', ['generate', undefined, true]],
    ['talk never draws', { editing: a }, [b], 'chat', ['chat', 'a', false]],
  ] as const)('%s', (_, draft, last, mode, want) => {
    expect(doing(draft, [...last], mode)).toEqual(want)
  })

  it('a change is of one picture and keeps its format', () => {
    const request = requestOf('더 밝게', { ...emptyDraft, editing: a }, options, model, 'banner_web', '', [a, b])
    expect(request).toMatchObject({ kind: 'converse', image_id: 'a', count: 1, image_purpose: 'ig_fb_story' })
  })
})
