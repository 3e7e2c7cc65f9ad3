import { useLayoutEffect, useRef, useState, type RefObject } from 'react'
import { useLocation } from 'react-router'

/** Where one was in a page that scrolls inside of itself: the first child in sight, and how much of it lay above the edge, in px. */
interface Place { child: number; above: number }

const storageKey = 'imagechat.places'

/** By entry of the history, the one that was left last at the end. */
const places = new Map<string, Place>(readPlaces())

function readPlaces() {
  const [arrival] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  const kept = JSON.parse(sessionStorage.getItem(storageKey) ?? '[]') as [string, Place][]
  // The router gives the first entry of every visit the same key.
  return kept.filter(([entry]) => arrival?.type !== 'navigate' || !entry.startsWith('default '))
}

function keep(entry: string, place: Place | undefined) {
  places.delete(entry)
  if (place) places.set(entry, place)
  sessionStorage.setItem(storageKey, JSON.stringify([...places].slice(-50)))
}

function placeIn(box: HTMLElement, content: HTMLElement): Place | undefined {
  const edge = box.getBoundingClientRect().top
  const tops = [...content.children].map((one) => one.getBoundingClientRect())
  const child = tops.findIndex((one) => one.bottom > edge)
  return child < 0 ? undefined : { child, above: edge - (tops[child]?.top ?? edge) }
}

/** Goes to a place; says whether there is one. */
export function goTo(place: Place | undefined, box: HTMLElement | null, content: HTMLElement | null) {
  const child = place && content?.children[place.child]
  if (!child || !box) return false
  box.scrollBy({ top: child.getBoundingClientRect().top - box.getBoundingClientRect().top + place.above, behavior: 'instant' })
  return true
}

/**
 * Keeps where a page was left, so that Back and a reload lead there again. Returns that place, for as long as
 * the person has not moved: one goes there first, and again when the content has grown.
 */
export function useKeptPlace(scroller: RefObject<HTMLElement | null>, content: RefObject<HTMLElement | null>, worthKeeping: () => boolean = always) {
  const { key, pathname } = useLocation()
  const entry = `${key} ${pathname}`
  const [first] = useState(() => places.get(entry))
  const wanted = useRef(first)
  useLayoutEffect(() => {
    const box = scroller.current
    const inner = content.current
    if (!box || !inner) return
    const leave = () => keep(entry, worthKeeping() ? placeIn(box, inner) : undefined)
    window.addEventListener('pagehide', leave)
    return () => {
      window.removeEventListener('pagehide', leave)
      leave()
    }
  }, [entry, scroller, content, worthKeeping])
  useLayoutEffect(() => {
    const moved = () => (wanted.current = undefined)
    const signs = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const
    for (const one of signs) window.addEventListener(one, moved, { passive: true })
    return () => {
      for (const one of signs) window.removeEventListener(one, moved)
    }
  }, [])
  return wanted
}

const always = () => true
