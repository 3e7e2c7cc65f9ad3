import { QueryClientProvider } from '@tanstack/react-query'
import { Component, lazy, Suspense, useEffect, useState, type ReactNode } from 'react'
import { BrowserRouter, Route, Routes, useLocation, useNavigate } from 'react-router'
import { problemOf } from './api/client.ts'
import { queryClient } from './api/queries.ts'
import { HomePage } from './conversation/home.tsx'
import { words } from './i18n/i18n.ts'
import { Missing } from './pages/missing.tsx'
import { Layout } from './shell/layout.tsx'
import { Toasts } from './ui/toast.tsx'

const ConversationPage = lazy(() => import('./conversation/page.tsx'))
const GalleryPage = lazy(() => import('./gallery/page.tsx'))
const BrandsPage = lazy(() => import('./brands/page.tsx'))
const UsagePage = lazy(() => import('./pages/usage.tsx'))
const SettingsPage = lazy(() => import('./pages/settings.tsx'))
const LoginPage = lazy(() => import('./pages/login.tsx'))

/** Everything, with what it stands on. */
export function App() {
  return (
    <Crash>
      <QueryClientProvider client={queryClient}>
          <BrowserRouter>
            <Doorkeeper />
            <Suspense>
              <Routes>
                <Route path="/login" element={<LoginPage />} />
                <Route element={<Layout />}>
                  <Route index element={<HomePage />} />
                  <Route path="/c/:id" element={<ConversationPage />} />
                  <Route path="/gallery" element={<GalleryPage />} />
                  <Route path="/brands" element={<BrandsPage />} />
                  <Route path="/usage" element={<UsagePage />} />
                  <Route path="/settings" element={<SettingsPage />} />
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
        if (event.type === 'updated' && error && problemOf(error).code === 'unauthorized' && window.location.pathname !== '/login') {
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
