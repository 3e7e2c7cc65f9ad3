import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import type { Language } from '../i18n/i18n.ts'

export type Theme = 'system' | 'light' | 'dark'
/** Which key sends; the other one breaks the line. */
export type SendKey = 'enter' | 'ctrl-enter'

interface Settings {
  language: Language
  theme: Theme
  sendKey: SendKey
  hotkeys: boolean
  /** Whether the browser says when a turn has ended while one looks elsewhere. */
  notify: boolean
  /** The purpose that new conversations start with; empty: the one used last. */
  defaultPurpose: string
  /** The brand kit that new conversations follow; empty: none. */
  defaultBrand: string
  lastPurpose: string
  lastStyle: string
  demoExplained: boolean
  set: (change: Partial<Omit<Settings, 'set'>>) => void
}

/** What this browser remembers about the person. src/first/boot.ts reads the same entry before the first paint. */
export const useSettings = create<Settings>()(
  persist(
    (set) => ({
      language: document.documentElement.lang === 'en' ? 'en' : 'ko',
      theme: 'system',
      sendKey: 'enter',
      hotkeys: true,
      notify: false,
      defaultPurpose: '',
      defaultBrand: '',
      lastPurpose: '',
      lastStyle: '',
      demoExplained: false,
      set: (change) => set(change),
    }),
    { name: 'imagechat.settings', version: 1 },
  ),
)

const systemDark = window.matchMedia('(prefers-color-scheme: dark)')

function apply() {
  const { theme, language } = useSettings.getState()
  const dark = theme === 'dark' || (theme === 'system' && systemDark.matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  document.documentElement.lang = language
}

/** Keeps the page's theme and language as chosen, also when the system or another tab changes. Call once. */
export function followSettings() {
  apply()
  useSettings.subscribe(apply)
  systemDark.addEventListener('change', apply)
  window.addEventListener('storage', (event) => {
    if (event.key === 'imagechat.settings') void useSettings.persist.rehydrate()
  })
}
