import sheet from './pretendard.css?url'

/** Adds the typeface's style sheet; without a line it comes when there is one again. */
export function loadTypeface() {
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: sheet })
  link.onerror = () => {
    link.remove()
    window.addEventListener('online', loadTypeface, { once: true })
  }
  document.head.append(link)
}
