import { useQuery } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { keys, useModels } from '../api/queries.ts'
import type { ImageSize, Model, Picture, TurnKind, TurnRequest } from '../api/types.ts'
import { useDebounced } from '../ui/debounced.ts'
import { newDraft, useDraft, useDrafts, type Draft, type Options } from './draft.ts'
import { lastAnswerOf } from './pictures.ts'
import { rolesOf } from './references.tsx'
import { startsAnew, subjectOf } from './subject.ts'

/** The id of the purpose whose size one sets oneself. */
export const customPurpose = 'custom'

/** The size that one has set, as requests name it. */
export function customSize(options: Options) {
  return { custom_width: options.customWidth, custom_height: options.customHeight }
}

/** The model that serves with these options: the chosen one while it exists, otherwise the server's default. */
export function chosenModel(models: readonly Model[] | undefined, options: Options): Model | undefined {
  return models?.find((one) => one.id === options.model) ?? models?.find((one) => one.default) ?? models?.[0]
}

/** The sizes that a model makes. */
export function sizesOf(model: Model | undefined): ImageSize[] {
  return (model?.sizes ?? ['1K']) as ImageSize[]
}

/** The size that is made: the chosen one if the model can, otherwise its own default. */
export function chosenSize(model: Model | undefined, options: Options): ImageSize {
  if (options.size && sizesOf(model).includes(options.size)) return options.size
  return (model?.default_size || '1K') as ImageSize
}

/** What a message does: it changes a picture, makes new ones, or talks on. */
export interface Intent {
  kind: TurnKind
  /** The picture that it changes. */
  subject?: Picture
  /** Whether pictures are made from nothing, so that count, size and purpose are what one has set. */
  anew: boolean
}

/**
 * What a message will do. Words about a picture that is there never make several new ones: a wish for those is a
 * picture dropped, the mode that always draws, or a conversation without any.
 */
export function intentOf(draft: Draft, options: Options, lastAnswer: readonly Picture[]): Intent {
  const subject = subjectOf(draft, options, lastAnswer)
  if (options.mode === 'chat') return { kind: 'chat', subject, anew: false }
  if (subject) return { kind: options.mode === 'generate' ? 'refine' : 'converse', subject, anew: false }
  if (options.mode === 'generate' || startsAnew(draft)) return { kind: 'generate', anew: true }
  if (lastAnswer.length > 0) return { kind: 'converse', anew: false }
  return { kind: options.count > 1 ? 'generate' : 'converse', anew: true }
}

/** The request that a draft makes with these words. */
export function requestOf(content: string, draft: Draft, options: Options, model: Model | undefined, purpose: string, style: string, lastAnswer: readonly Picture[] = []): TurnRequest {
  const { kind, subject, anew } = intentOf(draft, options, lastAnswer)
  const request: TurnRequest = {
    kind,
    content,
    // A change keeps the format of the picture that it starts from.
    image_purpose: subject?.image_purpose || purpose || undefined,
    style_preset: style || undefined,
    reference_roles: rolesOf(draft.references, draft.roles),
    image_id: subject?.id,
    reference_image_ids: draft.references.length > 0 ? draft.references.map((one) => one.id) : undefined,
  }
  if (purpose === customPurpose && anew) Object.assign(request, customSize(options))
  if (kind !== 'chat') {
    request.count = anew ? options.count : 1
    request.image_size = chosenSize(model, options)
    if (options.model && model?.id === options.model) request.model = options.model
  }
  return request
}

/**
 * What the next message will probably cost, in US dollars; undefined when no price is known. In a conversation the
 * server says, once one writes and again only when something other than the words changes; until then, and where
 * there is no conversation yet, it is what a first message costs.
 */
export function useEstimate(session: string, purpose: string, style: string): number | undefined {
  const models = useModels()
  const options = useDrafts((s) => s.options)
  const draft = useDraft(session)
  const model = chosenModel(models.data, options)
  // The words themselves hardly count, so the server is not asked anew for each.
  const request = requestOf('…', draft, options, model, purpose, style, lastAnswerOf(session))
  const asked = JSON.stringify(request)
  const rested = useDebounced(asked)
  const answer = useQuery({
    queryKey: [...keys.estimates(session), asked],
    queryFn: ({ signal }) => api.turns.estimate(session, request, { signal }),
    enabled: session !== newDraft && draft.text !== '' && request.kind !== 'chat' && model !== undefined && asked === rested,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (request.kind === 'chat') return undefined
  const first: number | undefined = model?.usd_per_turn[chosenSize(model, options)]
  return answer.data?.estimated_cost_usd ?? (first === undefined ? undefined : first * (request.count ?? 1))
}
