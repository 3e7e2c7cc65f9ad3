import { Link } from 'react-router'
import { keys, queryClient, useBudget, type Conversation } from '../api/queries.ts'
import { useT } from '../i18n/i18n.ts'
import { usd } from '../text/format.ts'
import { useEstimate } from './pricing.ts'

/** What may still be spent in a conversation, in US dollars; undefined while no budget is known. */
function useBudgetLeft(session: string): number | undefined {
  const { data: budget } = useBudget()
  if (!budget) return undefined
  const spent = queryClient.getQueryData<Conversation>(keys.conversation(session))?.session.total_cost_usd ?? 0
  const left = [budget.daily_usd > 0 && budget.daily_usd - budget.spent_usd, budget.session_usd > 0 && budget.session_usd - spent].filter((one) => one !== false)
  return left.length > 0 ? Math.max(0, Math.min(...left)) : undefined
}

/** Says before the click that the server will refuse what the budget does not cover. */
export function BudgetWarning({ session, purpose, style }: { session: string; purpose: string; style: string }) {
  const t = useT()
  const left = useBudgetLeft(session)
  const cost = useEstimate(session, purpose, style)
  if (left === undefined || cost === undefined || cost <= left) return null
  return (
    <p role="status" className="px-4 pb-1 text-caption text-gam">
      {left > 0 ? t.composer.overBudget(usd(left)) : t.composer.noBudgetLeft} <Link to="/usage" className="underline">{t.failure.openUsage}</Link>
    </p>
  )
}
