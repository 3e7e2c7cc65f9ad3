import { useEffect } from 'react'

const app = 'Gemini Image Chat'
let name = ''
let unseen = 0

function show() {
  const title = name ? `${name} · ${app}` : app
  document.title = unseen > 0 ? `(${unseen}) ${title}` : title
}

/** Names the page in the tab; undefined while its name is not known. */
export function useTitle(page: string | undefined) {
  useEffect(() => {
    if (page === undefined) return
    name = page
    show()
  }, [page])
}

/** How much has happened that nobody saw, in front of the page's name. */
export function setUnseen(count: number) {
  unseen = count
  show()
}
