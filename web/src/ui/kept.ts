import { useState } from 'react'

const store = 'imagechat.kept.'

/**
 * State of a dialog that stays when the dialog is closed by accident, and over a reload, until it is forgotten because
 * its work is done. Kept in the tab's storage.
 */
export function useKept<T>(key: string, initial: T): [T, (next: T) => void, () => void] {
  const [value, setValue] = useState<T>(() => read<T>(key) ?? initial)
  const set = (next: T) => {
    setValue(next)
    sessionStorage.setItem(store + key, JSON.stringify(next))
  }
  return [value, set, () => sessionStorage.removeItem(store + key)]
}

function read<T>(key: string): T | undefined {
  const text = sessionStorage.getItem(store + key)
  return text === null ? undefined : (JSON.parse(text) as T)
}
