// Runs before the first paint, so that a dark page never flashes white. Mirrors src/settings/settings.ts.
(() => {
  let chosen = {}
  try {
    chosen = JSON.parse(localStorage.getItem('imagechat.settings') ?? '{}').state ?? {}
  } catch {
    // Unreadable settings are the same as none.
  }
  const root = document.documentElement
  const dark = chosen.theme === 'dark' || (chosen.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  root.dataset.theme = dark ? 'dark' : 'light'
  // The words of index.html are those of the first page.
  root.dataset.page = location.pathname === '/' ? 'home' : 'other'
  root.lang = chosen.language ?? (navigator.language.startsWith('ko') || !navigator.language.startsWith('en') ? 'ko' : 'en')
})()
