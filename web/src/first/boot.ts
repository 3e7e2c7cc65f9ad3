// Runs before the first paint, as a small script of its own (the page's policy allows none inline): sets the theme and
// the language, asks at once for what the page will show, and shows the pictures before the app is there.
import { rowsOf } from '../gallery/rows.ts'
import { gap, wishedHeight, tileWidth } from '../gallery/measures.ts'
import { pictureSizes, pictureWidths, loneWidth } from '../conversation/measures.ts'

/** What is read of the answers; the app reads them again, typed. */
interface Picture {
  id: string
  role: string
  width: number
  height: number
}
interface Answer {
  title?: string
  messages?: { text_content?: string | null; images?: Picture[] }[]
  images?: Picture[]
}

const root = document.documentElement
const [, page = '', id = ''] = location.pathname.split('/')

applySettings()
// Which of the first words in index.html show; see src/first/words.ts.
root.dataset.page = page === '' ? 'home' : ['c', 'gallery', 'brands', 'usage', 'settings', 'login'].includes(page) ? page : 'missing'
askForFiles()
askForData()

/** Mirrors src/settings/settings.ts; a dark page must never flash white. */
function applySettings() {
  let chosen: { theme?: string; language?: string } = {}
  try {
    chosen = (JSON.parse(localStorage.getItem('imagechat.settings') ?? '{}') as { state?: typeof chosen }).state ?? {}
  } catch {
    // Unreadable settings are the same as none.
  }
  const dark = chosen.theme === 'dark' || (chosen.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  root.dataset.theme = dark ? 'dark' : 'light'
  root.lang = chosen.language ?? (navigator.language.startsWith('en') ? 'en' : 'ko')
}

/** The files of this page, beside those of the first one: scripts/pieces.ts writes down which they are. */
function askForFiles() {
  const parts = JSON.parse(document.querySelector<HTMLMetaElement>('meta[name=parts]')?.content ?? '{}') as Record<string, string[]>
  for (const href of parts[page] ?? []) document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href, crossOrigin: 'anonymous' }))
}

/** What the page shows; without this, asking would begin when the app is there. src/api/client.ts takes the answers. */
function askForData() {
  const path = { '': 'purposes', c: /^[\w-]+$/.test(id) && `sessions/${id}`, gallery: location.search === '' && 'images?limit=100', brands: 'brands', usage: 'usage' }[page]
  window.early = {}
  if (!path) return
  const url = `/api/image-chat/${path}`
  const answer = fetch(url, { headers: { 'Accept-Language': root.lang } })
  window.early[url] = answer
  answer
    .then(async (got) => {
      if (!got.ok || (page !== 'c' && page !== 'gallery')) return
      const data = (await got.clone().json()) as Answer
      // With the first frame the style sheet is there, and so is the body.
      await new Promise(requestAnimationFrame)
      if (page === 'c') showConversation(data)
      else showGallery(data)
    })
    .catch(() => {}) // the app asks again, and says so if it fails again
}

/** The last exchange: what was said, and the pictures that came of it. */
function showConversation({ title, messages = [] }: Answer) {
  const heading = document.querySelector('[data-first=title]')
  const thread = document.querySelector<HTMLElement>('[data-first=thread]')
  const [said, newest] = messages.slice(-2)
  if (!heading || !thread) return
  heading.textContent = title ?? ''
  const pictures = newest?.images ?? []
  if (pictures.length === 0) return
  const lone = pictures.length === 1
  // A longer conversation opens at its end.
  if (messages.length > 2) thread.classList.add('justify-end')
  const box = add(thread, 'div', 'mx-auto flex w-full max-w-3xl flex-none flex-col gap-7 px-4 pt-6 pb-8 md:px-8')
  add(add(box, 'div', 'flex flex-col items-end'), 'div', 'max-w-[min(34rem,88%)] rounded-xl rounded-br-xs bg-sunken px-4 py-2.5 whitespace-pre-wrap').textContent = said?.text_content ?? ''
  const reply = add(box, 'div', 'flex flex-col gap-3')
  const grid = add(reply, 'div', `grid gap-3 ${lone ? 'grid-cols-1' : 'grid-cols-2'}`)
  for (const one of pictures) {
    const picture = image(one, pictureWidths, pictureSizes(pictures.length))
    picture.className = 'picture h-auto w-full rounded-lg'
    if (lone) picture.style.maxWidth = loneWidth(one)
    grid.append(picture)
  }
  if (newest?.text_content) add(reply, 'p', 'whitespace-pre-wrap').textContent = newest.text_content
  // The room of the line that says how long it took.
  add(reply, 'div', 'h-5')
}

function add(parent: HTMLElement, tag: string, classes: string) {
  const element = document.createElement(tag)
  element.className = classes
  parent.append(element)
  return element
}

function showGallery({ images = [] }: Answer) {
  const box = document.querySelector<HTMLElement>('[data-first=tiles]')
  if (!box) return
  const width = box.clientWidth
  const shown = images.filter((one) => one.role === 'generated')
  let top = 0
  for (const row of rowsOf(shown, width, wishedHeight(width), gap)) {
    if (top > innerHeight) return
    const line = add(box, 'div', 'flex')
    Object.assign(line.style, { gap: `${gap}px`, marginBottom: `${gap}px` })
    row.widths.forEach((wide, index) => {
      const one = shown[row.first + index]
      if (!one) return
      const tile = image(one, [tileWidth(wide)])
      tile.className = 'flex-none rounded-md bg-sunken object-cover'
      Object.assign(tile.style, { width: `${wide}px`, height: `${row.height}px` })
      line.append(tile)
    })
    top += row.height + gap
  }
}

/** A picture as the app will ask for it, so that it is fetched once. */
function image(one: Picture, widths: readonly number[], sizes = '') {
  const picture = document.createElement('img')
  const url = (w: number) => `${location.origin}/api/image-chat/images/${encodeURIComponent(one.id)}/content?w=${w}`
  picture.alt = ''
  picture.width = one.width
  picture.height = one.height
  picture.fetchPriority = 'high'
  if (sizes) {
    picture.sizes = sizes
    picture.srcset = widths.map((w) => `${url(w)} ${w}w`).join(', ')
  } else picture.src = url(widths[0] ?? 320)
  return picture
}
