import { useEffect } from 'react'
import type { Picture } from '../api/types.ts'
import { useDraft, useDrafts, type Draft, type Options } from './draft.ts'
import { conversationPictures, lastAnswerOf } from './pictures.ts'

/**
 * The picture that one's words change: the one that was chosen, until it is dropped or its change is there. Where none
 * was chosen it is the newest, as the server takes it, unless that came with others: then one has to say which.
 */
export function subjectOf(draft: Draft, options: Options, lastAnswer: readonly Picture[]): Picture | undefined {
  if (draft.editing !== undefined) return draft.editing ?? undefined
  return options.mode === 'converse' && lastAnswer.length === 1 ? lastAnswer[0] : undefined
}

/** Whether the next message makes something new although there are pictures: the subject was dropped. */
export function startsAnew(draft: Draft) {
  return draft.editing === null
}

/** The subject of a conversation's composer. */
export function useSubject(session: string): Picture | undefined {
  const draft = useDraft(session)
  const options = useDrafts((s) => s.options)
  return subjectOf(draft, options, lastAnswerOf(session))
}

/** Looks at a picture, which makes it the subject unless another is held for the next message. */
export function select(session: string, picture: Picture) {
  if (!useDrafts.getState().drafts[session]?.held) choose(session, picture)
}

/** Makes a picture the subject. What is made from it after `newest`, the newest picture there is, takes its place. */
export function choose(session: string, picture: Picture, held = false) {
  const newest = conversationPictures(session).reduce((latest, one) => (one.id > latest ? one.id : latest), picture.id)
  useDrafts.getState().change(session, { editing: picture, chosenAt: newest, held })
}

/** Drops the subject: what one says next is made anew. */
export function drop(session: string) {
  useDrafts.getState().change(session, { editing: null, chosenAt: undefined, held: false })
}

/** The newest change of the subject that was made since it was chosen, if any. */
export function successor(draft: Draft, pictures: readonly Picture[]): Picture | undefined {
  let at = draft.editing ?? undefined
  const since = draft.chosenAt ?? ''
  for (;;) {
    const next = pictures.findLast((one) => one.parent_image_id === at?.id && one.id > since)
    if (!at || !next) return at === draft.editing ? undefined : at
    at = next
  }
}

/** Goes on with the subject to what was made from it, here or while the page was elsewhere. */
export function useFollowSubject(session: string, pictures: readonly Picture[], onFollow: (from: Picture, to: Picture) => void) {
  const draft = useDraft(session)
  useEffect(() => {
    const next = successor(draft, pictures)
    if (!next || !draft.editing) return
    const from = draft.editing
    choose(session, next, draft.held)
    onFollow(from, next)
  }, [session, draft, pictures, onFollow])
}
