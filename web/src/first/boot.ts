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
// This script lies in the app's folder assets, or in development at its root.
const prefix = new URL((document.currentScript as HTMLScriptElement).src).pathname.replace(/\/(assets\/[^/]*|boot\.js)$/, '')
const [, page = '', id = ''] = location.pathname.slice(prefix.length).split('/')

applySettings()
// Which of the first words in index.html show; see src/first/words.ts.
root.dataset.prefix = prefix
root.dataset.page = page === '' ? 'home' : ['c', 'gallery', 'brands', 'usage', 'settings', 'login'].includes(page) ? page : 'missing'
askForFiles()
askForData()
if (page === '') document.addEventListener('readystatechange', letWrite, { once: true })

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

/** A new conversation starts by writing; on a touch screen the keyboard would cover the page. */
function letWrite() {
  if (!matchMedia('(pointer: coarse)').matches) document.querySelector<HTMLTextAreaElement>(`[data-for=home] textarea[lang=${root.lang}]`)?.focus()
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
  const url = `${prefix}/api/image-chat/${path}`
  const answer = fetch(url, { headers: { 'Accept-Language': root.lang } })
  window.early[url] = answer
  window.firstPictures = answer
    .then(async (got) => {
      if (!got.ok || (page !== 'c' && page !== 'gallery')) return
      const data = (await got.clone().json()) as Answer
      // Made at once, so that the pictures are fetched; shown with the first frame, when the body and its style are there.
      const made = page === 'c' ? exchange(data) : tiles(data)
      await frame()
      if (data.title) document.querySelector('[data-first=title]')?.replaceChildren(data.title)
      if (!made) return
      document.querySelector(`[data-for=${page}] [data-first=pictures]`)?.append(made)
      await Promise.all([...made.querySelectorAll('img')].map((one) => one.decode()))
      // Drawn with the next frame, in sight with the one after it.
      await frame()
      await frame()
    })
    .catch(() => {}) // the app asks again, and says so if it fails again
}

const frame = () => new Promise(requestAnimationFrame)

/** The last exchange of a conversation: what was said, and the pictures that came of it. */
function exchange({ messages = [] }: Answer) {
  const [said, newest] = messages.slice(-2)
  const pictures = newest?.images ?? []
  if (pictures.length === 0) return undefined
  const lone = pictures.length === 1
  // A longer conversation opens at its end.
  const box = make(undefined, `mx-auto flex w-full max-w-3xl flex-none flex-col gap-7 px-4 pt-6 pb-8 md:px-8 ${messages.length > 2 ? 'mt-auto' : ''}`)
  make(make(box, 'flex flex-col items-end'), 'max-w-[min(34rem,88%)] rounded-xl rounded-br-xs bg-sunken px-4 py-2.5 whitespace-pre-wrap').textContent = said?.text_content ?? ''
  const reply = make(box, 'flex flex-col gap-3')
  const grid = make(reply, `grid gap-3 ${lone ? 'grid-cols-1' : 'grid-cols-2'}`)
  for (const one of pictures) {
    const picture = image(one, 'high', pictureWidths, pictureSizes(pictures.length))
    picture.className = 'picture h-auto w-full rounded-lg'
    if (lone) picture.style.maxWidth = loneWidth(one)
    grid.append(picture)
  }
  make(reply, 'whitespace-pre-wrap').textContent = newest?.text_content ?? ''
  // The room of the line that says how long it took.
  make(reply, 'h-5')
  return box
}

/** As many rows of the gallery as the window shows. */
function tiles({ images = [] }: Answer) {
  const box = document.createElement('div')
  const shown = images.filter((one) => one.role === 'generated')
  // Beside the conversations from 768 px on; see src/shell/layout.tsx and src/gallery/grid.tsx.
  const phone = innerWidth < 768
  const width = innerWidth - (phone ? 32 : 288 + 64)
  // Below the title and the filters, which take three lines on a phone.
  let top = phone ? 277 : 132
  for (const row of rowsOf(shown, width, wishedHeight(width), gap)) {
    if (top > innerHeight) break
    const line = make(box, 'flex')
    Object.assign(line.style, { gap: `${gap}px`, marginBottom: `${gap}px` })
    row.widths.forEach((wide, index) => {
      const one = shown[row.first + index]
      if (!one) return
      // From the top: the lower half of the window may come after the app itself.
      const tile = image(one, top > innerHeight / 2 ? 'low' : 'high', [tileWidth(wide)])
      tile.className = 'flex-none rounded-md bg-sunken object-cover'
      Object.assign(tile.style, { width: `${Math.ceil(wide)}px`, height: `${Math.ceil(row.height)}px` })
      line.append(tile)
    })
    top += row.height + gap
  }
  return box
}

function make(parent: HTMLElement | undefined, classes: string) {
  const element = document.createElement('div')
  element.className = classes
  parent?.append(element)
  return element
}

/** A picture as the app will ask for it, so that it is fetched once. */
function image(one: Picture, fetchPriority: 'high' | 'low', widths: readonly number[], sizes = '') {
  const picture = document.createElement('img')
  const url = (w: number) => `${location.origin}${prefix}/api/image-chat/images/${encodeURIComponent(one.id)}/content?w=${w}`
  Object.assign(picture, { alt: '', width: one.width, height: one.height, fetchPriority })
  if (sizes) Object.assign(picture, { sizes, srcset: widths.map((w) => `${url(w)} ${w}w`).join(', ') })
  else picture.src = url(widths[0] ?? 320)
  return picture
}
