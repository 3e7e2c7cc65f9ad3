import { useEffect, useState } from 'react'
import { useT } from '../i18n/i18n.ts'
import { Button } from '../ui/kit.tsx'
import { reconnect, useLine } from './line.ts'
import { isRunning, useTurns } from './turns.ts'

/** A line is called down when it stays so for this long; shorter gaps are nobody's business. */
const patienceMs = 1500

/** Says what goes on while the line to the server is down. */
export function LineBanner({ sessionId }: { sessionId: string }) {
  const t = useT()
  const state = useLine((s) => s.states[sessionId])
  const working = useTurns((s) => Object.values(s.turns).some((turn) => turn.sessionId === sessionId && isRunning(turn)))
  const [waited, setWaited] = useState(false)
  const open = state === 'open' || state === undefined
  // Back again: the next gap gets its patience anew.
  if (open && waited) setWaited(false)
  useEffect(() => {
    if (open) return
    const timer = setTimeout(() => setWaited(true), patienceMs)
    return () => clearTimeout(timer)
  }, [open])
  const shown = waited || state === 'ended'
  return (
    <div role="status" className="flex-none">
      {shown && (
        <div className="fade-in flex items-center justify-between gap-3 bg-gam-tint px-4 py-2 text-caption text-gam md:px-8">
          <span>{state === 'ended' ? t.line.ended : !working ? t.line.down : navigator.onLine ? t.loop.downUnknown : t.line.downWorking}</span>
          {state !== 'ended' && <Button small tone="ghost" className="text-gam" onClick={() => reconnect(sessionId)}>{t.line.now}</Button>}
        </div>
      )}
    </div>
  )
}
