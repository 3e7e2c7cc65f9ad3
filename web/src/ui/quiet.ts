import { queryClient } from '../api/queries.ts'

/** How long is waited for quiet at most, from the page's load on, in ms. */
const patience = 5000
const pauseMs = 200

/** Runs something once the page has what it shows, its data and the pictures in sight, and nothing else to do. */
export function whenQuiet(run: () => void) {
  let end = Number.POSITIVE_INFINITY
  const ask = () => {
    if (performance.now() < end && isBusy()) setTimeout(ask, pauseMs)
    else if ('requestIdleCallback' in window) requestIdleCallback(run, { timeout: 2000 })
    else setTimeout(run, 0)
  }
  const begin = () => {
    end = performance.now() + patience
    setTimeout(ask, pauseMs)
  }
  if (document.readyState === 'complete') begin()
  else window.addEventListener('load', begin, { once: true })
}

function isBusy() {
  return document.querySelector('#root > .first') !== null || queryClient.isFetching() > 0 || [...document.images].some((one) => !one.complete && isInSight(one))
}

function isInSight(element: Element) {
  const { top, bottom } = element.getBoundingClientRect()
  return bottom > 0 && top < window.innerHeight
}
