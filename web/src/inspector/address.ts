import { useLocation, useNavigate, useSearchParams } from 'react-router'

/** What an entry of the history knows of the one that it was opened from: its query. */
interface Opened { from?: string }

/**
 * What lies over a conversation is named by its address. Opening adds an entry to the history, so that Back closes it;
 * closing takes that entry away again, so that Back does not open it a second time.
 */
export function useAddress() {
  const [params, setParams] = useSearchParams()
  const navigate = useNavigate()
  const state = useLocation().state as Opened | null
  const changed = (change: Record<string, string | undefined>) => {
    const next = new URLSearchParams(params)
    for (const [key, value] of Object.entries(change)) {
      if (value) next.set(key, value)
      else next.delete(key)
    }
    return next
  }
  const open = (change: Record<string, string | undefined>) => {
    const next = changed(change)
    if (next.toString() === params.toString()) return
    // From picture to picture and from tool to tool inside of one: that is still one opening.
    const inside = params.has('view') && next.has('view')
    setParams(next, inside ? { replace: true, state } : { state: { from: params.toString() } satisfies Opened })
  }
  const close = (...keys: string[]) => {
    const next = changed(Object.fromEntries(keys.map((key) => [key, undefined])))
    if (state?.from === next.toString()) void navigate(-1)
    else setParams(next, { replace: true })
  }
  return { params, open, close }
}
