import { useSettings } from '../settings/settings.ts'
import { en } from './en.ts'
import { ko, type Words } from './ko.ts'

export type Language = 'ko' | 'en'

const dictionaries: Record<Language, Words> = { ko, en }

/** The words of the chosen language. */
export function useT(): Words {
  return dictionaries[useSettings((s) => s.language)]
}

/** The words outside of components, where a change of language need not repaint. */
export function words(): Words {
  return dictionaries[useSettings.getState().language]
}
