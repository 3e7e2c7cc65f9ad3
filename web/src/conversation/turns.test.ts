import { describe, expect, it } from 'vitest'
import type { Message, ServerFrame, Turn } from '../api/types.ts'
import { isRunning, liveFrom, reduce, withMessage, type LiveTurns } from './turns.ts'

const turn: Turn = { id: 't1', session_id: 's1', kind: 'generate', status: 'queued', attempt: 1, content: '컵', user_message_id: 'm1', created_at: '2026-11-22T00:00:00Z', estimated_cost_usd: 0, cost_usd: 0, request: { kind: 'generate', content: '컵' } }

/** A frame of turn t1; only the fields that matter to a test are given. */
function frame(type: ServerFrame['type'], data: object, content = '') {
  return { type, content, timestamp: '', turn_id: 't1', data } as ServerFrame
}

function status(code: string, data: object = {}, content = '') {
  return frame('status', { code, ...data }, content)
}

function after(frames: ServerFrame[], from: LiveTurns = {}) {
  return frames.reduce((turns, one, index) => reduce(turns, 's1', one, 1000 * (index + 1)), from)
}

const accepted = status('accepted', { turn })

describe('a turn, frame by frame', () => {
  it.each([
    ['accepted is queued', [accepted], { stage: 'queued' }],
    ['a queue position is kept', [accepted, status('queued', { position: 3 })], { stage: 'queued', position: 3 }],
    ['thinking', [accepted, status('thinking')], { stage: 'thinking' }],
    ['text so far replaces text before', [accepted, status('streaming', {}, '안'), status('streaming', {}, '안녕')], { stage: 'streaming', text: '안녕' }],
    ['the clock is the server\'s', [accepted, status('generating', { elapsed_ms: 4000, expected_ms: 12000 })], { stage: 'generating', elapsedMs: 4000, expectedMs: 12000 }],
    ['the clock goes on between frames', [accepted, status('generating', { elapsed_ms: 4000 }), status('saving')], { stage: 'saving', elapsedMs: 5000 }],
    ['a retry counts down from now', [accepted, status('retrying', { retry_after_ms: 5000 })], { stage: 'retrying', retryAt: 7000 }],
    ['a turn never heard of is taken up', [status('thinking')], { stage: 'thinking', sessionId: 's1' }],
  ] as const)('%s', (_, frames, want) => {
    expect(after([...frames]).t1).toMatchObject(want)
  })

  it('ends with its answer', () => {
    expect(after([accepted, status('saving'), frame('mixed', {})])).toEqual({})
  })

  it.each([['content_blocked', 'failed'], ['cancelled', 'cancelled']])('an error with code %s leaves it %s', (code, stage) => {
    const turns = after([accepted, frame('error', { code })])
    expect(turns.t1).toMatchObject({ stage, problem: { code } })
    expect(isRunning(turns.t1)).toBe(false)
  })

  it('a replayed accepted frame does not set a running turn back', () => {
    expect(after([accepted, status('generating'), accepted]).t1?.stage).toBe('generating')
  })

  it('an accepted frame revives a failed turn that is tried again', () => {
    const failed = after([accepted, frame('error', { code: 'interrupted' })])
    const again = reduce(failed, 's1', status('accepted', { turn: { ...turn, attempt: 2 } }), 9000)
    expect(again.t1).toMatchObject({ stage: 'queued', problem: undefined })
  })

  it('frames that speak of no turn change nothing', () => {
    const before = after([accepted])
    expect(reduce(before, 's1', { ...status('pong'), turn_id: undefined } as ServerFrame, 1)).toBe(before)
  })
})

describe('a turn found on loading', () => {
  it.each([
    [{ ...turn, status: 'running', started_at: '2026-11-22T00:00:10Z' }, 'generating', 20_000],
    [{ ...turn, kind: 'converse', status: 'running', started_at: '2026-11-22T00:00:10Z' }, 'thinking', 20_000],
    [{ ...turn, status: 'queued' }, 'queued', 0],
    [{ ...turn, status: 'cancelled' }, 'cancelled', 0],
  ] as const)('is shown at its stage', (record, stage, elapsedMs) => {
    expect(liveFrom(record, Date.parse('2026-11-22T00:00:30Z'))).toMatchObject({ stage, elapsedMs })
  })

  it('needs no tile once it has succeeded', () => {
    expect(liveFrom({ ...turn, status: 'succeeded' }, 0)).toBeUndefined()
  })
})

describe('messages', () => {
  const message = (id: string, at: string, text = '') => ({ id, created_at: at, text_content: text }) as Message
  const known = [message('a', '1'), message('c', '3')]

  it.each([
    ['a new one goes to its time', message('b', '2'), ['a', 'b', 'c']],
    ['the newest goes to the end', message('d', '4'), ['a', 'c', 'd']],
    ['one already there is not repeated', message('c', '3', 'newer'), ['a', 'c']],
  ])('%s', (_, one, want) => {
    expect(withMessage(known, one).map((each) => each.id)).toEqual(want)
  })
})
