import { useCallback, useState } from 'react'
import { api, problemOf } from '../api/client.ts'
import { useT } from '../i18n/i18n.ts'
import type { Words } from '../i18n/ko.ts'
import { useDrafts } from './draft.ts'

const types = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif'])
const maxBytes = 20_000_000

/** What is wrong with a file before it is sent, in words; empty when nothing is. */
export function fileProblem(file: File, t: Words) {
  if (!types.has(file.type)) return t.composer.uploadType
  return file.size > maxBytes ? t.composer.uploadSize : ''
}

/** Takes what comes in the order in which it was asked for, however it comes; what never comes holds nothing up. */
export function inOrder() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(coming: Promise<T>, take: (one: T) => void) => {
    const taken = Promise.all([coming, last]).then(([one]) => take(one))
    last = Promise.allSettled([last, taken])
    return taken
  }
}

/** Files on their way into a draft: checked here first, so that a mistake is said at once and in words, until it is forgotten. */
export function useUploads(session: string, limit: number) {
  const t = useT()
  const [busy, setBusy] = useState(0)
  const [problem, setProblem] = useState('')
  const [queue] = useState(inOrder)

  const add = useCallback(
    async (files: readonly File[]) => {
      setProblem('')
      const held = useDrafts.getState().drafts[session]?.references.length ?? 0
      const room = files.slice(0, Math.max(0, limit - held))
      if (room.length < files.length) setProblem(t.composer.referenceLimit(limit))
      await Promise.all(
        room.map(async (file) => {
          const wrong = fileProblem(file, t)
          if (wrong) return setProblem(wrong)
          setBusy((n) => n + 1)
          try {
            // macOS hands out file names with decomposed Hangul.
            const named = new File([file], file.name.normalize('NFC'), { type: file.type })
            await queue(api.uploads.create(named), (picture) => useDrafts.getState().addReference(session, picture))
          } catch (error) {
            const { code, detail } = problemOf(error)
            setProblem(code === 'network' ? t.composer.uploadFailed : (detail ?? t.composer.uploadFailed))
          } finally {
            setBusy((n) => n - 1)
          }
        }),
      )
    },
    [session, limit, t, queue],
  )
  return { add, busy, problem, forget: () => setProblem('') }
}

/** The pictures in a paste or a drop. */
export function filesIn(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])]
}
