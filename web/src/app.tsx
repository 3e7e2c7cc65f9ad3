import { QueryClientProvider } from '@tanstack/react-query'
import { Component, Suspense, useEffect, useState, type ReactNode } from 'react'
import { BrowserRouter, Route, Routes, useLocation, useNavigate } from 'react-router'
import { problemOf } from './api/client.ts'
import { queryClient } from './api/queries.ts'
import { page, PageBoundary } from './chunks.tsx'
import { HomePage } from './conversation/home.tsx'
import { words } from './i18n/i18n.ts'
import { Missing } from './pages/missing.tsx'
import { Layout } from './shell/layout.tsx'
import { Toasts } from './ui/toast.tsx'
import { pathHere, prefix } from './prefix.ts'

const pages = {
  c: page(() => import('./conversation/page.tsx')),
  gallery: page(() => import('./gallery/page.tsx')),
  brands: page(() => import('./brands/page.tsx')),
  usage: page(() => import('./pages/usage.tsx')),
  settings: page(() => import('./pages/settings.tsx')),
  login: page(() => import('./pages/login.tsx')),
}

/** Waits for the file of the page at an address; until then index.html's own words stay in sight. */
export async function pageIsThere(pathname: string) {
  const name = pathname.split('/')[1] ?? ''
  // Drawing it will say what is wrong.
  if (name in pages) await pages[name as keyof typeof pages].fetch().catch(() => {})
}

/** Everything, with what it stands on. */
export function App() {
  return (
    <Crash>
      <QueryClientProvider client={queryClient}>
          <BrowserRouter basename={prefix}>
            <Doorkeeper />
            <Suspense>
              <Routes>
                <Route path="/login" element={<PageBoundary><pages.login.Page /></PageBoundary>} />
                <Route element={<Layout />}>
                  <Route index element={<HomePage />} />
                  <Route path="/c/:id" element={<pages.c.Page />} />
                  <Route path="/gallery" element={<pages.gallery.Page />} />
                  <Route path="/brands" element={<pages.brands.Page />} />
                  <Route path="/usage" element={<pages.usage.Page />} />
                  <Route path="/settings" element={<pages.settings.Page />} />
                  <Route path="*" element={<Missing />} />
                </Route>
              </Routes>
            </Suspense>
          </BrowserRouter>
          <Toasts />
      </QueryClientProvider>
    </Crash>
  )
}

/** Leads to the login page as soon as any answer says that one is needed, and back afterwards. */
function Doorkeeper() {
  const navigate = useNavigate()
  const { pathname, search } = useLocation()
  useEffect(
    () =>
      queryClient.getQueryCache().subscribe((event) => {
        const error = event.query.state.error
        if (event.type === 'updated' && error && problemOf(error).code === 'unauthorized' && pathHere() !== '/login') {
          void navigate('/login', { replace: true, state: { from: pathname + search } })
        }
      }),
    [navigate, pathname, search],
  )
  return null
}

/** The last resort: says that something broke, and that nothing is lost. */
class Crash extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    return this.state.broken ? <Broken /> : this.props.children
  }
}

function Broken() {
  const [t] = useState(words)
  return (
    <main className="grid h-dvh place-items-center p-6 text-center">
      <div>
        <h1 className="text-title font-bold">{t.common.crashed}</h1>
        <p className="mt-1 mb-5 text-ink-2">{t.common.crashedHint}</p>
        <button type="button" className="btn btn-primary" onClick={() => window.location.reload()}>{t.common.reload}</button>
      </div>
    </main>
  )
}
