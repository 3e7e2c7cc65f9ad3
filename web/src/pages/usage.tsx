import { Coins } from 'lucide-react'
import { Link } from 'react-router'
import { problemOf } from '../api/client.ts'
import { useUsage } from '../api/queries.ts'
import type { Usage } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { useSettings } from '../settings/settings.ts'
import { useTitle } from '../shell/title.ts'
import { compact, count, exactly, usd } from '../text/format.ts'
import { Empty, Skeleton } from '../ui/kit.tsx'
import { Missing } from './missing.tsx'

/** What it has cost, by day and by conversation, and how much of the budget is left. */
export default function UsagePage() {
  const t = useT()
  const usage = useUsage()
  useTitle(t.usage.title)
  if (usage.isError) return <Missing problem={problemOf(usage.error)} onRetry={() => void usage.refetch()} />
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto w-full max-w-4xl px-4 py-8 md:px-8">
        <h1 className="mb-6 text-title font-bold">{t.usage.title}</h1>
        {usage.data ? <Figures usage={usage.data} /> : <Skeleton className="h-64 rounded-lg" />}
      </div>
    </div>
  )
}

function Figures({ usage }: { usage: Usage }) {
  const t = useT()
  const language = useSettings((s) => s.language)
  const tiles: [string, string][] = [
    [t.usage.spent, usd(usage.usd)],
    [t.usage.images, count(usage.images, language)],
    [t.usage.turns, count(usage.turns, language)],
    [t.usage.tokens, compact(usage.tokens, language)],
  ]
  return (
    <div className="grid gap-8">
      <Budget budget={usage.budget} />
      <section aria-label={t.usage.spent}>
        <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line md:grid-cols-4">
          {tiles.map(([name, value]) => (
            <div key={name} className="bg-surface px-5 py-4">
              <dt className="text-caption text-ink-3">{name}</dt>
              <dd className="text-display font-bold">{value}</dd>
            </div>
          ))}
        </dl>
        <p className="mt-2 text-caption text-ink-3">{t.usage.since(exactly(usage.since, language))} · {t.usage.estimate}</p>
      </section>
      {usage.turns === 0 ? <Empty icon={<Coins />} title={t.usage.empty}>{t.usage.emptyHint}</Empty> : <><Days usage={usage} /><Sessions usage={usage} /></>}
    </div>
  )
}

function Budget({ budget }: { budget: Usage['budget'] }) {
  const t = useT()
  if (budget.daily_usd <= 0) {
    return <p className="rounded-lg bg-sunken px-5 py-4 text-ink-2"><span className="font-medium text-ink">{t.usage.noBudget}</span><br />{t.usage.noBudgetHint}</p>
  }
  const part = Math.min(1, budget.spent_usd / budget.daily_usd)
  const over = budget.spent_usd >= budget.daily_usd
  return (
    <section aria-labelledby="budget" className="card p-5">
      <div className="mb-3 flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 id="budget" className="text-body font-semibold">{t.usage.budget} <span className="font-normal text-ink-3">{t.usage.last24}</span></h2>
        <p className={over ? 'font-medium text-gam' : 'text-ink-2'}>{usd(budget.spent_usd)} / {usd(budget.daily_usd)} · {over ? t.usage.budgetOver : t.usage.budgetLeft(usd(budget.daily_usd - budget.spent_usd))}</p>
      </div>
      <div role="meter" aria-labelledby="budget" aria-valuemin={0} aria-valuemax={budget.daily_usd} aria-valuenow={budget.spent_usd} aria-valuetext={`${usd(budget.spent_usd)} / ${usd(budget.daily_usd)}`} className="h-3 overflow-hidden rounded-full bg-sunken">
        <div className={`h-full rounded-full ${part > 0.8 ? 'bg-gam-fill' : 'bg-indigo'}`} style={{ width: `${part * 100}%` }} />
      </div>
      {budget.session_usd > 0 && <p className="mt-2 text-caption text-ink-3">{t.usage.sessionBudget(usd(budget.session_usd))}</p>}
    </section>
  )
}

function Days({ usage }: { usage: Usage }) {
  const t = useT()
  const days = usage.by_day.slice(-30)
  const most = Math.max(...days.map((one) => one.usd), Number.EPSILON)
  const mostImages = Math.max(...days.map((one) => one.images), 1)
  const free = days.every((one) => one.usd === 0)
  return (
    <section aria-labelledby="by-day">
      <h2 id="by-day" className="mb-3 text-body font-semibold">{t.usage.byDay}</h2>
      <table className="w-full text-caption">
        <thead className="sr-only"><tr><th>{t.usage.day}</th><th>{t.usage.spent}</th><th>{t.usage.images}</th></tr></thead>
        <tbody>
          {days.map((one) => {
            const day = one.day
            const part = free ? one.images / mostImages : one.usd / most
            return (
              <tr key={day}>
                <th scope="row" className="w-28 py-1.5 pr-3 text-left font-normal whitespace-nowrap text-ink-2">{day}</th>
                <td className="py-1.5">
                  <div className="flex items-center gap-3">
                    <span aria-hidden className="h-5 min-w-0.5 rounded-xs bg-indigo" style={{ width: `${part * 70}%` }} />
                    <span className="whitespace-nowrap">{usd(one.usd)}</span>
                  </div>
                </td>
                <td className="py-1.5 text-right whitespace-nowrap text-ink-3">{t.sessions.images(one.images)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}

function Sessions({ usage }: { usage: Usage }) {
  const t = useT()
  const language = useSettings((s) => s.language)
  return (
    <section aria-labelledby="by-session">
      <h2 id="by-session" className="mb-1 text-body font-semibold">{t.usage.bySession}</h2>
      <table className="w-full">
        <thead>
          <tr className="border-b border-line text-caption text-ink-3 [&_th]:py-2 [&_th]:font-normal">
            <th className="text-left">{t.usage.conversation}</th>
            <th className="text-right">{t.usage.images}</th>
            <th className="hidden text-right sm:table-cell">{t.usage.tokens}</th>
            <th className="text-right">{t.usage.spent}</th>
          </tr>
        </thead>
        <tbody>
          {usage.by_session.map((one) => (
            <tr key={one.session_id} className="border-b border-line">
              <td className="max-w-0 py-2.5 pr-4"><Link to={`/c/${one.session_id}`} className="block truncate hover:underline">{one.title || t.sessions.untitled}</Link></td>
              <td className="w-20 text-right text-ink-2">{count(one.images, language)}</td>
              <td className="hidden w-24 text-right text-ink-2 sm:table-cell">{compact(one.tokens, language)}</td>
              <td className="w-24 text-right font-medium">{usd(one.usd)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
