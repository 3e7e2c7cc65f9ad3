import { useHealth } from '../api/queries.ts'
import { useT } from '../i18n/i18n.ts'
import { useSettings } from '../settings/settings.ts'
import { Button } from '../ui/kit.tsx'

/** On a first visit without a key: what the demo is, and how to get the real thing. */
export function DemoPanel() {
  const t = useT()
  const health = useHealth()
  const explained = useSettings((s) => s.demoExplained)
  const set = useSettings((s) => s.set)
  if (explained || health.data?.generator !== 'demo') return null
  return (
    <section aria-labelledby="demo-title" className="fade-in mt-8 rounded-lg bg-gam-tint p-5">
      <h2 id="demo-title" className="text-body font-semibold text-gam">{t.home.demoTitle}</h2>
      <p className="mt-1">{t.home.demoBody}</p>
      <p>{t.home.demoFree}</p>
      <p>{t.home.demoHow}</p>
      <div className="mt-3 flex flex-wrap items-center justify-between gap-3">
        <code className="rounded-sm bg-raised px-3 py-1.5 font-sans text-caption select-all">GEMINI_API_KEY=…</code>
        <Button small tone="primary" onClick={() => set({ demoExplained: true })}>{t.home.demoClose}</Button>
      </div>
    </section>
  )
}
