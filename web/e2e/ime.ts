import type { CDPSession } from '@playwright/test'

/** Keys as an input method lets the browser see them, in the orders that real systems produce. */
export class Ime {
  constructor(private readonly cdp: CDPSession) {}

  /** Opens or changes the composition. */
  compose(text: string) {
    return this.cdp.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
  }

  commit(text: string) {
    return this.cdp.send('Input.insertText', { text })
  }

  /** The keydown of a key that the input method has taken. */
  async taken(key: 'Enter' | 'Process') {
    await this.cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key, code: 'Enter', windowsVirtualKeyCode: 229 })
  }

  async enter() {
    const event = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13 } as const
    await this.cdp.send('Input.dispatchKeyEvent', { type: 'keyDown', text: '\r', ...event })
    await this.cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event })
  }
}
