import type { ReferenceRole } from '@gemini-image-chat/client'
import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import type { ImageSize, Picture, TurnKind } from '../api/types.ts'

/** What a picture that goes along can be to a message. */
export const roles = ['reference', 'product', 'person', 'style', 'logo'] as const satisfies readonly ReferenceRole[]
export type Role = (typeof roles)[number]

/** What one has written but not sent. */
export interface Draft {
  text: string
  references: Picture[]
  /** What single references are to the message, by id. */
  roles?: Readonly<Record<string, Role>>
  /** The picture that one's words change; null when it was dropped, absent while none was chosen. */
  editing?: Picture | null
  /** Set by the wand: until it is sent, looking at another picture does not change what is edited. */
  held?: boolean
  /** The newest picture there was when it was chosen: what is made from it later takes its place. */
  chosenAt?: string
}

/** How pictures are made; stays as chosen from message to message. */
export interface Options {
  mode: Exclude<TurnKind, 'refine'>
  count: number
  size: ImageSize | ''
  model: string
  /** Pixels, for the purpose whose size one sets oneself. */
  customWidth: number
  customHeight: number
}

interface Store {
  drafts: Record<string, Draft>
  options: Options
  change: (session: string, change: Partial<Draft>) => void
  /** Adds a picture to a draft as it then is: several uploads may finish at once. */
  addReference: (session: string, picture: Picture) => void
  /** Takes away what was sent. A picture that was chosen stays chosen. */
  clear: (session: string) => void
  setOptions: (change: Partial<Options>) => void
}

export const emptyDraft: Draft = { text: '', references: [] }

/** The draft of a conversation that does not exist yet. */
export const newDraft = 'new'

/** Drafts by conversation, kept over reloads. */
export const useDrafts = create<Store>()(
  persist(
    (set) => ({
      drafts: {},
      options: { mode: 'converse', count: 1, size: '', model: '', customWidth: 1200, customHeight: 800 },
      change: (session, change) => set((s) => ({ drafts: { ...s.drafts, [session]: { ...emptyDraft, ...s.drafts[session], ...change } } })),
      addReference: (session, picture) =>
        set((s) => {
          const draft = s.drafts[session] ?? emptyDraft
          return { drafts: { ...s.drafts, [session]: { ...draft, references: [...draft.references, picture] } } }
        }),
      clear: (session) =>
        set((s) => {
          const { [session]: sent, ...others } = s.drafts
          if (!sent?.editing) return { drafts: others }
          return { drafts: { ...others, [session]: { ...emptyDraft, editing: sent.editing, chosenAt: sent.chosenAt } } }
        }),
      setOptions: (change) => set((s) => ({ options: { ...s.options, ...change } })),
    }),
    { name: 'imagechat.drafts', version: 2 },
  ),
)

export function useDraft(session: string) {
  return useDrafts((s) => s.drafts[session] ?? emptyDraft)
}

/** Sends pictures that are here already along with the next message; each once. */
export function addReferences(session: string, pictures: readonly Picture[]) {
  for (const picture of pictures) {
    const { drafts, addReference } = useDrafts.getState()
    if (!drafts[session]?.references.some((one) => one.id === picture.id)) addReference(session, picture)
  }
  focusComposer()
}

/** Puts the cursor into the composer that is on the page. */
export function focusComposer() {
  // After the paint in which the composer may have appeared.
  requestAnimationFrame(() => requestAnimationFrame(() => document.querySelector<HTMLTextAreaElement>('[data-composer]')?.focus()))
}
