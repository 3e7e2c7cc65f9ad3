import { Component, lazy, Suspense, useEffect, useState, type ComponentType, type ReactNode } from 'react'
import { useLocation } from 'react-router'
import { words } from './i18n/i18n.ts'
import { prefix } from './prefix.ts'
import { toast } from './ui/toast.tsx'

// Pieces of the app that are fetched when they are wanted. After a deployment their names are others, and without a
// network there is nothing to fetch: neither may take what is on the page away.

/** How long after a reload another one would only repeat it, in ms. */
const reloadAgainAfter = 60_000
const reloadedKey = 'imagechat.reloaded'

/** Whether an error is that of a piece that could not be fetched, in the words of any browser. */
export function isLost(error: unknown) {
  return error instanceof Error && /dynamically imported module|importing a module script failed|preload (css|module)|error loading/i.test(error.message)
}

/**
 * Loads the page anew where the server is there but a piece of the app is not: a newer version serves others. Once
 * only; drafts and messages on their way are kept over it.
 */
export async function reloadIfOutdated() {
  const last = Number(sessionStorage.getItem(reloadedKey) ?? 0)
  if (Date.now() - last < reloadAgainAfter) return
  const there = await fetch(`${prefix}/health`, { cache: 'no-store' }).then((answer) => answer.ok, () => false)
  if (!there) return
  sessionStorage.setItem(reloadedKey, String(Date.now()))
  window.location.reload()
}

/** What lets pages that could not be fetched be fetched again, once that they could not has been shown. */
const renewals = new Set<() => void>()

/** A page with a file of its own. Once that is there, the page is drawn without a pause; a failure is not for ever. */
export function page(load: () => Promise<{ default: ComponentType }>) {
  let Loaded: ComponentType | undefined
  const fetch = async () => {
    try {
      const module = await load()
      Loaded = module.default
      return module
    } catch (error) {
      renewals.add(() => (Later = lazy(fetch)))
      throw error
    }
  }
  let Later = lazy(fetch)
  return { fetch, Page: () => (Loaded ? <Loaded /> : <Later />) }
}

/** A tool with a file of its own, over the page. When it cannot be fetched, that is said and the tool closes. */
export function tool<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P & { onLost?: () => void }> {
  let Loaded: ComponentType<P> | undefined
  return function Tool({ onLost, ...props }) {
    const [, setThere] = useState(Loaded !== undefined)
    useEffect(() => {
      if (Loaded) return
      load().then(
        (module) => {
          Loaded = module.default
          setThere(true)
        },
        () => {
          toast(words().common.loadFailed)
          onLost?.()
          void reloadIfOutdated()
        },
      )
      // Wanted once: what it is closed with may be another function at each drawing.
      // oxlint-disable-next-line react/exhaustive-deps
    }, [])
    return Loaded ? <Loaded {...(props as unknown as P)} /> : null
  }
}

/** Keeps what is around a page alive when the page cannot be fetched or drawn. Going elsewhere begins anew. */
export function PageBoundary({ children }: { children: ReactNode }) {
  const { pathname } = useLocation()
  return <Suspense><Boundary key={pathname}>{children}</Boundary></Suspense>
}

class Boundary extends Component<{ children: ReactNode }, { error?: unknown }> {
  override state: { error?: unknown } = {}

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override componentDidMount() {
    window.addEventListener('online', this.retry)
  }

  override componentWillUnmount() {
    window.removeEventListener('online', this.retry)
  }

  retry = () => {
    if (this.state.error !== undefined) this.setState({ error: undefined })
  }

  override componentDidCatch(error: unknown) {
    for (const renew of renewals) renew()
    renewals.clear()
    if (isLost(error)) void reloadIfOutdated()
  }

  override render() {
    const { error } = this.state
    if (error === undefined) return this.props.children
    const t = words()
    const lost = isLost(error)
    return (
      <div role="alert" className="grid flex-1 place-items-center p-6 text-center">
        <div>
          <h1 className="text-title font-bold">{lost ? t.loop.pageLost : t.common.crashed}</h1>
          <p className="mt-1 mb-5 text-ink-2">{lost ? t.loop.pageLostHint : t.common.crashedHint}</p>
          <button type="button" className="btn btn-primary" onClick={lost ? this.retry : () => window.location.reload()}>{lost ? t.common.retry : t.common.reload}</button>
        </div>
      </div>
    )
  }
}
