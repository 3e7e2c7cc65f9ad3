import { useEffect, useRef } from 'react'
import { useSettings } from '../settings/settings.ts'

/** Keys by `event.code`: with the Hangul layout on, the C key's `event.key` is ㅊ. "Mod" is Ctrl, ⌘ on a Mac. */
export type Hotkeys = Record<string, (event: KeyboardEvent) => void>

function nameOf(event: KeyboardEvent) {
  // The question mark lies elsewhere on every layout, but Hangul does not replace it.
  if (event.key === '?') return '?'
  const mod = event.ctrlKey || event.metaKey ? 'Mod+' : ''
  const shift = event.shiftKey ? 'Shift+' : ''
  const alt = event.altKey ? 'Alt+' : ''
  return mod + alt + shift + event.code
}

function isTyping(target: EventTarget | null) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('textarea, select, input:not([type=radio], [type=checkbox], [type=range], [type=button])'))
}

/**
 * Listens for keys on the whole page while mounted. Keys without Mod are off while one types; all but Escape are off
 * when the person switched shortcuts off, and while an input method is composing.
 */
export function useHotkeys(hotkeys: Hotkeys, active = true) {
  const latest = useRef(hotkeys)
  useEffect(() => {
    latest.current = hotkeys
  })
  useEffect(() => {
    if (!active) return
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return
      const name = nameOf(event)
      const run = latest.current[name]
      if (!run) return
      if (name !== 'Escape' && !useSettings.getState().hotkeys) return
      if (!name.startsWith('Mod+') && name !== 'Escape' && isTyping(event.target)) return
      event.preventDefault()
      run(event)
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [active])
}

const mac = /Mac|iP(hone|ad)/.test(navigator.platform)

/** A key as people call it. */
export function keyLabel(name: string) {
  return name
    .replace('Mod+', mac ? '⌘ ' : 'Ctrl ')
    .replace('Shift+', '⇧ ')
    .replace('Key', '')
    .replace('Slash', '/')
}
