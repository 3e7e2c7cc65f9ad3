import { QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { MemoryRouter } from 'react-router'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { api } from '../api/client.ts'
import { queryClient } from '../api/queries.ts'
import type { Message, Session, Trouble, Turn } from '../api/types.ts'
import { useSettings } from '../settings/settings.ts'
import { emptyDraft, useDrafts } from './draft.ts'
import { Failure } from './failure.tsx'
import { LiveTurnView } from './live-turn.tsx'
import type { LiveTurn } from './turns.ts'

const now = Date.parse('2026-11-22T00:00:00Z')
const session = { id: 's1', image_purpose: 'banner_web' } as Session
const said = { text_content: '유자 에이드' } as Message

function turn(change: Partial<LiveTurn>): LiveTurn {
  return { id: 't1', sessionId: 's1', kind: 'generate', stage: 'queued', text: '', position: 0, elapsedMs: 0, expectedMs: 0, retryAt: 0, at: now, ...change }
}

function show(change: Partial<LiveTurn>) {
  return render(
    <QueryClientProvider client={queryClient}>
      <MemoryRouter>
        <LiveTurnView turn={turn(change)} request={said} session={session} />
      </MemoryRouter>
    </QueryClientProvider>,
  )
}

function showFailure(problem: Trouble, props: Partial<Parameters<typeof Failure>[0]> = {}) {
  return render(
    <QueryClientProvider client={queryClient}>
      <MemoryRouter>
        <Failure problem={problem} at={now} session={session} {...props} />
      </MemoryRouter>
    </QueryClientProvider>,
  )
}

beforeEach(() => {
  vi.useFakeTimers({ now, toFake: ['Date'] })
  useSettings.getState().set({ language: 'ko' })
  vi.spyOn(api.purposes, 'list').mockResolvedValue([])
  vi.spyOn(api.models, 'list').mockResolvedValue([])
})

afterEach(() => vi.useRealTimers())

describe('a turn at work says where it truly stands', () => {
  it.each([
    ['its place in the queue', { stage: 'queued', position: 2 }, '앞에 2개가 있어요'],
    ['thinking', { stage: 'thinking' }, '생각하고 있어요'],
    ['drawing', { stage: 'generating' }, '이미지를 만들고 있어요'],
    ['the seconds it has taken', { stage: 'generating', elapsedMs: 7400 }, '7초'],
    ['how long it usually takes', { stage: 'generating', elapsedMs: 1000, expectedMs: 12_000 }, '보통 12초쯤 걸려요'],
    ['that it takes longer than usual', { stage: 'generating', elapsedMs: 60_000, expectedMs: 12_000 }, '평소보다 오래 걸리고 있어요. 계속 만들고 있어요.'],
    ['when it tries again', { stage: 'retrying', retryAt: now + 4500 }, '요청이 몰려서 쉬고 있어요. 5초 뒤에 다시 시도할게요'],
    ['saving', { stage: 'saving' }, '이미지를 저장하고 있어요'],
    ['the words so far', { stage: 'streaming', text: '좋은 생각이에요', kind: 'chat' }, '좋은 생각이에요'],
  ] as const)('%s', (_, change, want) => {
    show(change)
    expect(screen.getByText(want)).toBeVisible()
    expect(screen.getByRole('button', { name: '멈추기' })).toBeEnabled()
    expect(screen.queryByText(/%/)).toBeNull()
  })
})

describe('a turn that failed says what happened and what to do', () => {
  it.each([
    ['a refusal offers other words', { code: 'content_blocked', retryable: false }, '안전 기준 때문에 만들지 못했어요', ['표현 바꿔 보기']],
    ['a busy model can be tried again', { code: 'generator_overloaded', retryable: true }, '이미지 모델이 붐비고 있어요', ['다시 시도하기']],
    ['a wait is counted down', { code: 'rate_limited', retryable: true, retry_after_ms: 9000 }, '요청이 잠깐 몰렸어요', ['9초 뒤에 다시 시도할 수 있어요']],
    ['a code of tomorrow is still explained', { code: 'of_tomorrow' as 'internal', retryable: true }, '서버에서 문제가 생겼어요', ['다시 시도하기']],
  ] as const)('%s', (_, problem, title, buttons) => {
    show({ stage: 'failed', problem })
    expect(screen.getByRole('heading', { name: title })).toBeVisible()
    for (const name of buttons) expect(screen.getByRole('button', { name })).toBeVisible()
  })

  it('a cut-off says what it cost and what trying again will cost', async () => {
    vi.spyOn(api.turns, 'get').mockResolvedValue({ id: 't1', status: 'failed', cost_usd: 0.0459, estimated_cost_usd: 0.0512 } as Turn)
    show({ stage: 'failed', problem: { code: 'interrupted', retryable: true } })
    expect(await screen.findByRole('button', { name: '다시 시도하기 (약 $0.051)' })).toBeVisible()
    expect(screen.getByText('이 요청에 약 $0.046가 들었어요.')).toBeVisible()
    queryClient.removeQueries({ queryKey: ['turn'] })
  })

  it('a spent budget leads to the figures', () => {
    show({ stage: 'failed', problem: { code: 'budget_exceeded', retryable: false } })
    expect(screen.getByRole('link', { name: '사용량 보기' })).toHaveAttribute('href', '/usage')
  })

  it('keeps the model\'s own words one click away', async () => {
    show({ stage: 'failed', problem: { code: 'content_blocked', detail: '다르게 적어 주세요.', reason: 'IMAGE_SAFETY: unable to show' } })
    const words = screen.getByText('IMAGE_SAFETY: unable to show')
    expect(words).not.toBeVisible()
    await userEvent.click(screen.getByText('모델이 남긴 말'))
    expect(words).toBeVisible()
  })

  it.each([
    ['안전 기준에 걸렸어요. 다르게 적어 주세요. 생성기가 알린 이유: Unable to show. SAFETY', '안전 기준에 걸렸어요. 다르게 적어 주세요.'],
    ['Change the wording. The generator\'s reason: Unable to show. SAFETY', 'Change the wording.'],
  ])('and says them only there: %s', (detail, want) => {
    showFailure({ code: 'generator_timeout', detail, reason: 'Unable to show. SAFETY' })
    expect(screen.getByText(want)).toBeVisible()
    expect(screen.getAllByText(/Unable to show/)).toHaveLength(1)
  })

  it('counts a wait from when it was told, in hours and minutes', () => {
    showFailure({ code: 'quota_exhausted', retryable: true, retry_after_ms: 8_352_000 }, { at: now - 60_000, turnId: 't1' })
    expect(screen.getByRole('button', { name: '2시간 19분 뒤에 다시 시도할 수 있어요' })).toBeDisabled()
  })

  it('can be tried again at once when the wait is over', () => {
    showFailure({ code: 'quota_exhausted', retryable: true, retry_after_ms: 60_000 }, { at: now - 61_000, turnId: 't1' })
    expect(screen.getByRole('button', { name: '다시 시도하기' })).toBeEnabled()
  })

  it('names the turn as its number, which the server\'s log does too', () => {
    showFailure({ code: 'internal', retryable: true, request_id: '' }, { turnId: '01990000-aaaa' })
    expect(screen.getByRole('button', { name: '오류 번호 복사하기' })).toHaveTextContent('01990000-aaa')
  })

  it('of a message that was refused it sends the same again or gives it back', async () => {
    const refused = { resend: vi.fn<() => Promise<void>>(async () => {}), takeBack: vi.fn<() => void>() }
    showFailure({ code: 'budget_exceeded', retryable: true }, { text: '유자 에이드', refused })
    expect(screen.getByRole('link', { name: '사용량 보기' })).toBeVisible()
    expect(screen.queryByRole('button', { name: '표현 바꿔 보기' })).toBeNull()
    await userEvent.click(screen.getByRole('button', { name: '다시 시도하기' }))
    await userEvent.click(screen.getByRole('button', { name: '입력창으로 되돌리기' }))
    expect([refused.resend, refused.takeBack].map((one) => one.mock.calls.length)).toEqual([1, 1])
  })

  it('gives the words back for rephrasing', async () => {
    show({ stage: 'failed', problem: { code: 'content_blocked' } })
    await userEvent.click(screen.getByRole('button', { name: '표현 바꿔 보기' }))
    expect((useDrafts.getState().drafts.s1 ?? emptyDraft).text).toBe('유자 에이드')
  })
})
