import type { ExportPreview, ExportedPreview } from '@gemini-image-chat/client'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { api } from '../api/client.ts'
import { asRequest, focusOf, type Making } from './choice.ts'
import type { Focus } from './crop.ts'

/** How many files a request asks for, and how many requests are under way: one picture is decoded once for a request. */
const batch = 6
const atOnce = 2
/** How long a dragged focus must rest before anything is asked for. */
const calmMs = 250

type Request = { purposes: string[] } & ReturnType<typeof asRequest>
type Load = (request: Request, signal: AbortSignal) => Promise<ExportPreview>

interface Shown {
  /** The files made as is now wished that are known, by purpose. */
  files: ReadonlyMap<string, ExportedPreview>
  /** Where the server found the subject. */
  found?: Focus
}

export const asFound: Making = { fit: 'cover', format: '', focus: undefined, focuses: {} }

/** What a placement's file depends on beside the picture. */
function keyOf(purpose: string, making: Making) {
  const focus = focusOf(making, purpose)
  return [purpose, making.fit, making.format, focus ? `${focus.x},${focus.y}` : 'found'].join(' ')
}

/** Asks the server what the files of an export would be: those wanted most first, a few at a time, and again when what is wished rests. */
export class Previews {
  #load: Load
  #known = new Map<string, ExportedPreview>()
  #shown: Shown = { files: new Map() }
  #listeners = new Set<() => void>()
  #wanted: readonly string[] = []
  #asked = new Set<string>()
  #making = asFound
  #stop = new AbortController()
  #running = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(load: Load) {
    this.#load = load
  }

  subscribe = (listener: () => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get = () => this.#shown

  /** Names the files that should be known, the most wanted first. */
  want(purposes: readonly string[]) {
    this.#wanted = purposes
    this.#show()
    if (this.#timer === undefined) this.#pump()
  }

  /** Says how the files are to be made. */
  make(making: Making) {
    if (JSON.stringify(making) === JSON.stringify(this.#making)) return
    this.#making = making
    this.#restart()
    this.#show()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#pump()
    }, calmMs)
  }

  /** Drops what is under way. */
  close() {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#restart()
  }

  #restart() {
    this.#stop.abort()
    this.#stop = new AbortController()
    this.#asked = new Set()
    this.#running = 0
  }

  #pump() {
    while (this.#running < atOnce) {
      const next = this.#wanted.filter((id) => !this.#known.has(keyOf(id, this.#making)) && !this.#asked.has(id)).slice(0, batch)
      if (next.length === 0) return
      void this.#ask(next)
    }
  }

  async #ask(purposes: string[]) {
    const { signal } = this.#stop
    const making = this.#making
    for (const id of purposes) this.#asked.add(id)
    this.#running += 1
    try {
      const preview = await this.#load({ purposes, ...asRequest(making, purposes) }, signal)
      for (const file of preview.files) this.#known.set(keyOf(file.purpose, making), file)
      if (!signal.aborted) this.#show(preview.focus)
    } catch {
      // The panel does without; an export says what is wrong. It is asked again with the next wish.
    }
    if (signal.aborted) return
    this.#running -= 1
    this.#pump()
  }

  #show(found = this.#shown.found) {
    const files = new Map(this.#wanted.flatMap((id) => {
      const file = this.#known.get(keyOf(id, this.#making))
      return file ? [[id, file] as const] : []
    }))
    this.#shown = { files, ...(found && { found }) }
    for (const listener of this.#listeners) listener()
  }
}

/** What the files of a picture would be, for the placements that are wanted. */
export function usePreviews(pictureId: string, wanted: readonly string[], making: Making): Shown {
  const previews = useMemo(() => new Previews((request, signal) => api.exports.preview(pictureId, request, { signal })), [pictureId])
  useEffect(() => () => previews.close(), [previews])
  useEffect(() => previews.make(making), [previews, making])
  useEffect(() => previews.want(wanted), [previews, wanted])
  return useSyncExternalStore(previews.subscribe, previews.get)
}
