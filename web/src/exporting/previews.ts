import type { ExportPreview, ExportedPreview } from '@gemini-image-chat/client'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { api } from '../api/client.ts'
import type { Focus } from './crop.ts'

/** How many files a request asks for, and how many requests are under way: one picture is decoded once for a request. */
const batch = 6
const atOnce = 2
/** How long a dragged focus must rest before anything is asked for. */
const calmMs = 250

type Load = (request: { purposes: string[]; focus?: Focus }, signal: AbortSignal) => Promise<ExportPreview>

interface Shown {
  /** The files of the present focus that are known, by purpose. */
  files: ReadonlyMap<string, ExportedPreview>
  /** Where the server found the subject. */
  found?: Focus
}

const keyOf = (focus: Focus | undefined) => (focus ? `${focus.x},${focus.y}` : 'found')

/** Asks the server what the files of an export would be: those wanted most first, a few at a time, and again when the focus rests. */
export class Previews {
  #load: Load
  #known = new Map<string, ReadonlyMap<string, ExportedPreview>>()
  #shown: Shown = { files: new Map() }
  #listeners = new Set<() => void>()
  #wanted: readonly string[] = []
  #asked = new Set<string>()
  #focus: Focus | undefined
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
    if (this.#timer === undefined) this.#pump()
  }

  /** Sets the focus; undefined leaves it to the server. */
  focusOn(focus: Focus | undefined) {
    if (keyOf(focus) === keyOf(this.#focus)) return
    this.#focus = focus
    this.#restart()
    this.#show({ files: this.#known.get(keyOf(focus)) ?? new Map() })
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
      const next = this.#wanted.filter((id) => !this.#shown.files.has(id) && !this.#asked.has(id)).slice(0, batch)
      if (next.length === 0) return
      void this.#ask(next)
    }
  }

  async #ask(purposes: string[]) {
    const { signal } = this.#stop
    const focus = this.#focus
    for (const id of purposes) this.#asked.add(id)
    this.#running += 1
    try {
      const preview = await this.#load({ purposes, ...(focus && { focus }) }, signal)
      const files = new Map(this.#known.get(keyOf(focus)))
      for (const file of preview.files) files.set(file.purpose, file)
      this.#known.set(keyOf(focus), files)
      if (!signal.aborted) this.#show({ files, found: preview.focus })
    } catch {
      // The panel does without; an export says what is wrong. It is asked again with the next focus.
    }
    if (signal.aborted) return
    this.#running -= 1
    this.#pump()
  }

  #show(change: Partial<Shown>) {
    this.#shown = { ...this.#shown, ...change }
    for (const listener of this.#listeners) listener()
  }
}

/** What the files of a picture would be, for the placements that are wanted. */
export function usePreviews(pictureId: string, wanted: readonly string[], focus: Focus | undefined): Shown {
  const previews = useMemo(() => new Previews((request, signal) => api.exports.preview(pictureId, request, { signal })), [pictureId])
  useEffect(() => () => previews.close(), [previews])
  useEffect(() => previews.focusOn(focus), [previews, focus])
  useEffect(() => previews.want(wanted), [previews, wanted])
  return useSyncExternalStore(previews.subscribe, previews.get)
}
