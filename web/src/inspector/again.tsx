import { Grid2x2Plus, Layers2, Shuffle } from 'lucide-react'
import { useModels } from '../api/queries.ts'
import type { Picture, Session, TurnRequest } from '../api/types.ts'
import { useDrafts } from '../conversation/draft.ts'
import { queueTurn } from '../conversation/outgoing.ts'
import { chosenModel, chosenSize } from '../conversation/pricing.ts'
import { useT } from '../i18n/i18n.ts'
import { usd } from '../text/format.ts'
import { Button } from '../ui/kit.tsx'
import { requestFor } from './reuse.ts'

/** How many pictures "more" makes. */
const more = 4

/** Makes more of what a picture is, in one click each: four for the same wish, one much like it, one quite unlike it. */
export function useAgain(picture: Picture, session: Session) {
  const t = useT()
  const change = (content: string) => {
    const request: TurnRequest = { kind: 'refine', content, image_id: picture.id, image_purpose: picture.image_purpose || undefined, style_preset: picture.style_preset ?? undefined }
    void queueTurn(session.id, request, [])
  }
  const four = async () => {
    const { reference_roles, reference_image_ids, ...made } = await requestFor(picture, session.id)
    // The marks on another picture say nothing about new ones.
    const keep = reference_roles?.includes('marks') ? {} : { reference_roles, reference_image_ids }
    const start = made.kind === 'refine' || made.image_id ? { kind: 'refine' as const, image_id: made.image_id ?? picture.parent_image_id } : { kind: 'generate' as const }
    void queueTurn(session.id, { ...made, ...keep, ...start, count: more }, [])
  }
  return { four: () => void four(), similar: () => change(t.loop.similarWish), different: () => change(t.loop.differentWish) }
}

/** The three of them as a row of buttons, with what they cost. */
export function Again({ picture, session, onDone }: { picture: Picture; session: Session; onDone?: () => void }) {
  const t = useT()
  const models = useModels()
  const options = useDrafts((s) => s.options)
  const model = chosenModel(models.data, options)
  const price = model?.usd_per_turn[chosenSize(model, options)] ?? 0
  const again = useAgain(picture, session)
  const button = (label: string, icon: React.ReactNode, count: number, run: () => void) => (
    <Button
      small
      tone="line"
      title={price > 0 ? `${label} (${usd(price * count)})` : label}
      className="min-w-0 flex-1 px-1.5"
      onClick={() => {
        run()
        onDone?.()
      }}
    >
      {icon}
      <span className="truncate">{label}</span>
    </Button>
  )
  return (
    <div role="group" aria-label={t.loop.again} className="-mt-2 flex gap-1.5">
      {button(t.loop.four, <Grid2x2Plus />, more, again.four)}
      {button(t.loop.similar, <Layers2 />, 1, again.similar)}
      {button(t.loop.different, <Shuffle />, 1, again.different)}
    </div>
  )
}
