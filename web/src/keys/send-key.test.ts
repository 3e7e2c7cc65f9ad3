import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SendKeyGuard } from './send-key.ts'

const enter = { key: 'Enter', code: 'Enter', keyCode: 13, isComposing: false, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false }
const open229 = { ...enter, key: 'Process', keyCode: 229, isComposing: true }

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function typing(text: string, settings?: ConstructorParameters<typeof SendKeyGuard>[1]) {
  const send = vi.fn<() => void>()
  const guard = new SendKeyGuard(send, settings)
  guard.onCompositionStart()
  guard.onCompositionUpdate(text)
  return { send, guard }
}

describe('Enter while Hangul is being composed', () => {
  it('sends after 229 and commit when a real Enter follows, and the second send finds the field empty', () => {
    const { send, guard } = typing('녕')
    expect(guard.onKeyDown(open229)).toBe(true)
    guard.onCompositionEnd('녕')
    expect(guard.onKeyDown(enter)).toBe(true)
    vi.runAllTimers()
    expect(send).toHaveBeenCalledTimes(1)
  })

  it('sends once after 229 "Process" and commit only', () => {
    const { send, guard } = typing('녕')
    guard.onKeyDown(open229)
    guard.onCompositionEnd('녕')
    expect(send).not.toHaveBeenCalled()
    vi.runAllTimers()
    expect(send).toHaveBeenCalledTimes(1)
  })

  it('sends without a compositionend after a moment', () => {
    const { send, guard } = typing('녕')
    guard.onKeyDown(open229)
    vi.advanceTimersByTime(200)
    expect(send).toHaveBeenCalledTimes(1)
  })

  it('sends on a plain Enter that comes while composing', () => {
    const { send, guard } = typing('녕')
    expect(guard.onKeyDown({ ...enter, isComposing: true })).toBe(true)
    guard.onCompositionEnd('녕')
    vi.runAllTimers()
    expect(send).toHaveBeenCalledTimes(1)
  })

  it('sends when the commit came first, as in Safari', () => {
    const { send, guard } = typing('녕')
    guard.onCompositionEnd('녕')
    expect(guard.onKeyDown({ ...enter, keyCode: 229 })).toBe(true)
    vi.runAllTimers()
    expect(send).toHaveBeenCalledTimes(1)
  })
})

describe('Enter otherwise', () => {
  it('leaves the confirming Enter of Japanese to the input method', () => {
    const { send, guard } = typing('にほん')
    expect(guard.onKeyDown(open229)).toBe(false)
    guard.onCompositionEnd('日本')
    vi.runAllTimers()
    expect(send).not.toHaveBeenCalled()
    expect(guard.onKeyDown(enter)).toBe(true)
    expect(send).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['Shift+Enter breaks the line', { ...enter, shiftKey: true }, { key: 'enter', touch: false }, false],
    ['Enter breaks the line on touch keyboards', enter, { key: 'enter', touch: true }, false],
    ['Enter breaks the line when Ctrl+Enter sends', enter, { key: 'ctrl-enter', touch: false }, false],
    ['Ctrl+Enter sends when chosen', { ...enter, ctrlKey: true }, { key: 'ctrl-enter', touch: false }, true],
    ['Cmd+Enter sends on touch keyboards too', { ...enter, metaKey: true }, { key: 'enter', touch: true }, true],
    ['the number pad sends too', { ...enter, code: 'NumpadEnter' }, { key: 'enter', touch: false }, true],
    ['another key does nothing', { ...enter, key: 'a', code: 'KeyA', keyCode: 65 }, { key: 'enter', touch: false }, false],
  ] as const)('%s', (_, event, settings, sends) => {
    const send = vi.fn<() => void>()
    const guard = new SendKeyGuard(send, settings)
    expect(guard.onKeyDown(event)).toBe(sends)
    expect(send).toHaveBeenCalledTimes(sends ? 1 : 0)
  })
})
