import { useEffect, useMemo, useRef, type CompositionEvent, type KeyboardEvent } from 'react'
import type { SendKey } from '../settings/settings.ts'

/** How long to wait for compositionend after an Enter that was taken over, before sending without it. */
const compositionGraceMs = 80

const endsInHangul = /[ᄀ-ᇿ㄰-㆏가-힣]$/u

function isEnter(event: { key: string; code: string }) {
  return event.key === 'Enter' || event.code === 'Enter' || event.code === 'NumpadEnter'
}

/**
 * Enter that sends, for people who type Hangul.
 *
 * An input method for Hangul is nearly always "composing": the last syllable is open until something closes it. The
 * usual guard (ignore Enter while isComposing) therefore makes Koreans press Enter twice, and no guard at all sends the
 * last syllable once more by itself. Browsers differ in the order of events (macOS: 229, commit, Enter; Windows: 229
 * "Process" and commit only; Safari: commit first), so this waits for the commit whichever way it comes: an Enter
 * while Hangul is open is taken, and the sending happens in a task after compositionend. Any other open composition, as
 * in Japanese, owns its Enter.
 */
export class SendKeyGuard {
  private open = ''
  private composing = false
  private pending: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly send: () => void,
    private readonly settings: { key: SendKey; touch: boolean } = { key: 'enter', touch: false },
  ) {}

  onCompositionStart() {
    this.composing = true
    this.open = ''
  }

  onCompositionUpdate(text: string) {
    this.composing = true
    this.open = text
  }

  onCompositionEnd(text: string) {
    this.composing = false
    this.open = text
    if (this.pending !== undefined) this.sendIn(0)
  }

  /** Returns whether the key was taken; the caller then prevents the default. */
  onKeyDown(event: { key: string; code: string; keyCode: number; isComposing: boolean; shiftKey: boolean; ctrlKey: boolean; metaKey: boolean; altKey: boolean }): boolean {
    if (!isEnter(event) || event.altKey) return false
    const command = event.ctrlKey || event.metaKey
    const wanted = this.settings.key === 'enter' ? !event.shiftKey && (command || !this.settings.touch) : command && !event.shiftKey
    if (!wanted) return false
    const composing = this.composing || event.isComposing
    if (!composing && event.keyCode !== 229) {
      this.cancelPending()
      this.send()
      return true
    }
    if (!endsInHangul.test(this.open)) return false
    // Safari has committed already when its 229 comes; the others commit next.
    this.sendIn(composing ? compositionGraceMs : 0)
    return true
  }

  /** Forgets an Enter that is still waiting. */
  cancelPending() {
    clearTimeout(this.pending)
    this.pending = undefined
  }

  private sendIn(ms: number) {
    this.cancelPending()
    this.pending = setTimeout(() => {
      this.pending = undefined
      this.send()
    }, ms)
  }
}

/** The guard as handlers for a text field. `send` reads the field itself: the state may lag the last syllable. */
export function useSendKey(send: () => void, key: SendKey) {
  const latest = useRef(send)
  const guard = useRef<SendKeyGuard>(null)
  useEffect(() => {
    latest.current = send
  })
  useEffect(() => {
    const made = new SendKeyGuard(() => latest.current(), { key, touch: window.matchMedia('(pointer: coarse)').matches })
    guard.current = made
    return () => made.cancelPending()
  }, [key])
  return useMemo(
    () => ({
      onCompositionStart: () => guard.current?.onCompositionStart(),
      onCompositionUpdate: (event: CompositionEvent) => guard.current?.onCompositionUpdate(event.data),
      onCompositionEnd: (event: CompositionEvent) => guard.current?.onCompositionEnd(event.data),
      onKeyDown: (event: KeyboardEvent) => {
        if (guard.current?.onKeyDown(event.nativeEvent)) event.preventDefault()
      },
    }),
    [],
  )
}
