import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { keys, useModels } from '../api/queries.ts'
import type { Picture, Purpose, Session, TurnRequest } from '../api/types.ts'
import { useDrafts } from '../conversation/draft.ts'
import { queueTurn } from '../conversation/outgoing.ts'
import { chosenModel, chosenSize } from '../conversation/pricing.ts'
import { useT } from '../i18n/i18n.ts'
import { toast } from '../ui/toast.tsx'

/** From this much on a crop takes so much away that the picture is better made anew, in percent. */
export const muchCut = 25

/** Makes a picture anew in a placement's own ratio: a turn of its own, whose price is told before. */
export function useRemake(session: Session, picture: Picture, sample: Purpose | undefined) {
  const t = useT()
  const options = useDrafts((s) => s.options)
  const model = chosenModel(useModels().data, options)
  const [asked, setAsked] = useState<ReadonlySet<string>>(new Set())
  const requestFor = (purpose: Purpose): TurnRequest => ({
    kind: 'refine',
    content: t.exporting.remakeWish(purpose.name, `${purpose.width}×${purpose.height}`),
    image_id: picture.id,
    image_purpose: purpose.id,
    count: 1,
    image_size: chosenSize(model, options),
    ...(options.model && model?.id === options.model && { model: options.model }),
  })
  const request = sample && requestFor(sample)
  const estimate = useQuery({
    queryKey: [...keys.estimates(session.id), 'remake', picture.id, request?.image_size, request?.model],
    queryFn: ({ signal }) => api.turns.estimate(session.id, request as TurnRequest, { signal }),
    enabled: request !== undefined && model !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const remake = (purpose: Purpose) => {
    setAsked(new Set([...asked, purpose.id]))
    void queueTurn(session.id, requestFor(purpose), [])
    toast(t.exporting.remaking(purpose.name))
  }
  return { price: estimate.data?.estimated_cost_usd, asked, remake }
}

export type Remake = ReturnType<typeof useRemake>
