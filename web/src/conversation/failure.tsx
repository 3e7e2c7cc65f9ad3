import { CircleSlash, CloudAlert, Coins, Copy, KeyRound, RotateCw, ShieldAlert } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { Link } from 'react-router'
import { api, problemOf } from '../api/client.ts'
import { useModels, useTurn } from '../api/queries.ts'
import type { Session, Trouble } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { usd } from '../text/format.ts'
import { Button } from '../ui/kit.tsx'
import { Menu, MenuItem } from '../ui/menu.tsx'
import { useNow } from '../ui/now.ts'
import { toast } from '../ui/toast.tsx'
import { focusComposer, useDrafts } from './draft.ts'
import { queueTurn } from './outgoing.ts'
import { chosenModel, chosenSize } from './pricing.ts'
import { useTurns } from './turns.ts'

type Code = keyof ReturnType<typeof useT>['failure']['titles']

/** Where the server's sentence would only repeat the title, what to do is said alone. */
const titleSaysIt: ReadonlySet<string> = new Set(['cancelled', 'content_blocked', 'no_image_returned', 'generator_rejected_key'])
const otherModelHelps = new Set(['model_unavailable', 'quota_exhausted', 'content_blocked', 'no_image_returned', 'generator_overloaded'])
const rephraseHelps = new Set(['content_blocked', 'no_image_returned', 'invalid_request', 'cancelled'])

interface FailureProps {
  problem: Trouble
  session: Session
  /** When it happened, by this clock: what is to be waited for counts from there. */
  at: number
  turnId?: string
  /** What the person said. */
  text?: string
  /** What can be done with a message that was refused before it became a turn. */
  refused?: { resend: () => Promise<unknown>; takeBack: () => void }
}

/** A turn that did not work out: what happened, what was kept, what to do next. Calm, because it is nobody's fault. */
export function Failure(props: FailureProps) {
  const t = useT()
  const { problem, turnId } = props
  const code = (problem.code in t.failure.titles ? problem.code : 'internal') as Code
  const hint = code === 'cancelled' ? t.stage.cancelledHint : t.failure.hints[code]
  // The server's log names the turn; the request was over long before it failed. A stop is no error and has no number.
  const id = code === 'cancelled' ? undefined : (turnId ?? problem.request_id)
  return (
    <section aria-label={t.thread.failed} className="fade-in flex max-w-2xl gap-3.5 rounded-lg border border-line bg-surface p-4">
      <span aria-hidden className="grid size-9 flex-none place-items-center rounded-sm bg-gam-tint text-gam [&_svg]:size-4.5">{iconOf(code)}</span>
      <div className="min-w-0 flex-1">
        <h2 className="text-body font-semibold">{t.failure.titles[code]}</h2>
        <p className="text-ink-2">{titleSaysIt.has(code) ? hint : calmDetail(problem) || hint}</p>
        <Spent turnId={turnId} />
        <ModelsWords problem={problem} />
        <NextSteps {...props} code={code} />
        {id && <RequestId id={id} />}
      </div>
    </section>
  )
}

/** What a turn that gave nothing has cost nevertheless. Silent where nothing was spent, but for a stop that one may wonder about. */
function Spent({ turnId }: { turnId: string | undefined }) {
  const t = useT()
  const { data: turn } = useTurn(turnId)
  if (!turn || (turn.cost_usd === 0 && (turn.status !== 'cancelled' || turn.estimated_cost_usd === 0))) return null
  return <p className="text-ink-2">{turn.cost_usd > 0 ? t.failure.spent(usd(turn.cost_usd)) : t.failure.spentNothing}</p>
}

/** The server's sentence without the generator's reason, which ends it: that stands one click away. */
export function calmDetail({ detail = '', reason }: Trouble) {
  const at = reason ? detail.lastIndexOf(reason.trim()) : -1
  return at < 0 ? detail : detail.slice(0, at).replace(/[^.!?]*:\s*$/, '').trim()
}

/** The generator's own words, one click away. */
export function ModelsWords({ problem }: { problem: Trouble }) {
  const t = useT()
  if (!problem.reason) return null
  return (
    <details className="mt-2 text-caption">
      <summary className="w-fit font-medium text-ink-2 hover:text-ink">{t.failure.words}</summary>
      <blockquote className="mt-1.5 rounded-sm bg-sunken px-3 py-2 whitespace-pre-wrap">{problem.reason}</blockquote>
    </details>
  )
}

function iconOf(code: Code): ReactNode {
  if (code === 'content_blocked') return <ShieldAlert />
  if (code === 'budget_exceeded' || code === 'quota_exhausted') return <Coins />
  if (code === 'generator_rejected_key' || code === 'generator_not_configured') return <KeyRound />
  if (code === 'cancelled') return <CircleSlash />
  return <CloudAlert />
}

function NextSteps({ problem, code, turnId, session, text, at, refused }: FailureProps & { code: Code }) {
  const t = useT()
  const change = useDrafts((s) => s.change)
  const again = refused?.resend ?? (turnId ? () => retry(turnId, t) : undefined)
  const rephrase = () => {
    if (refused) refused.takeBack()
    else change(session.id, { text: text ?? '' })
    focusComposer()
  }
  return (
    <div className="mt-3 flex flex-wrap gap-2 empty:hidden">
      {again && (problem.retryable || code === 'cancelled') && <Retry again={again} until={at + (problem.retry_after_ms ?? 0)} turnId={turnId} />}
      {text && (refused || rephraseHelps.has(code)) && <Button small tone="line" onClick={rephrase}>{rephraseHelps.has(code) ? t.failure.rephrase : t.failure.takeBack}</Button>}
      {text && !refused && otherModelHelps.has(code) && <OtherModel session={session} text={text} />}
      {code === 'budget_exceeded' && <Link to="/usage" className="btn btn-line btn-sm">{t.failure.openUsage}</Link>}
      {(code === 'generator_rejected_key' || code === 'generator_not_configured') && <Link to="/settings" className="btn btn-line btn-sm">{t.failure.openSettings}</Link>}
    </div>
  )
}

/** Runs a turn again; what keeps it from that is told in passing, because the failure itself stays in sight. */
async function retry(turnId: string, t: ReturnType<typeof useT>) {
  try {
    useTurns.getState().put(await api.turns.retry(turnId))
  } catch (error) {
    const { code } = problemOf(error)
    toast(code === 'network' ? t.failure.network : (t.failure.titles[code as Code] ?? t.failure.titles.internal))
  }
}

/** Tries again, and says what that will cost where the server has told. */
function Retry({ again, until, turnId }: { again: () => Promise<unknown>; until: number; turnId: string | undefined }) {
  const t = useT()
  const { data: turn } = useTurn(turnId)
  const price = turn?.estimated_cost_usd ?? 0
  const [opened] = useState(() => Date.now())
  const now = useNow(until > opened)
  const left = Math.max(0, Math.ceil((until - now) / 1000))
  const [busy, setBusy] = useState(false)
  const run = async () => {
    setBusy(true)
    await again()
    setBusy(false)
  }
  return (
    <Button small tone="soft" disabled={busy || left > 0} onClick={() => void run()}>
      <RotateCw />
      {left > 0 ? t.failure.waitLeft(left) : price > 0 ? t.failure.againFor(usd(price)) : t.failure.again}
    </Button>
  )
}

function OtherModel({ session, text }: { session: Session; text: string }) {
  const t = useT()
  const models = useModels()
  const options = useDrafts((s) => s.options)
  const used = chosenModel(models.data, options)
  const others = (models.data ?? []).filter((one) => one.id !== used?.id)
  if (others.length === 0) return null
  const use = (model: string) => {
    useDrafts.getState().setOptions({ model })
    queueTurn(session.id, { kind: 'generate', content: text, count: options.count, model, image_purpose: session.image_purpose }, [])
  }
  return (
    <Menu align="start" trigger={<button type="button" className="btn btn-line btn-sm">{t.failure.otherModel}</button>}>
      {others.map((one) => {
        const price = (one.usd_per_turn[chosenSize(one, options)] ?? 0) * options.count
        return <MenuItem key={one.id} onSelect={() => use(one.id)}>{one.id}{price > 0 && ` · ${usd(price)}`}</MenuItem>
      })}
    </Menu>
  )
}

function RequestId({ id }: { id: string }) {
  const t = useT()
  const copy = async () => {
    await navigator.clipboard.writeText(id)
    toast(t.common.copied)
  }
  return (
    <button type="button" aria-label={t.failure.copyId} onClick={() => void copy()} className="mt-2 flex items-center gap-1.5 text-caption text-ink-3 hover:text-ink">
      {t.failure.requestId} {id.slice(0, 12)} <Copy className="size-3.5" />
    </button>
  )
}
