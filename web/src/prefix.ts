/** The path that a host program mounts the app under ("/studio"), "" at the root; src/first/boot.ts finds it out. */
export const prefix = document.documentElement.dataset.prefix ?? ''

/** The address's path as the app's routes know it. */
export function pathHere() {
  return window.location.pathname.slice(prefix.length) || '/'
}
