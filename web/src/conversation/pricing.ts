import type { ImageSize, Model } from '../api/types.ts'
import type { Options } from './draft.ts'

/** The model that serves with these options: the chosen one while it exists, otherwise the server's default. */
export function chosenModel(models: readonly Model[] | undefined, options: Options): Model | undefined {
  return models?.find((one) => one.id === options.model) ?? models?.find((one) => one.default) ?? models?.[0]
}

/** The size that is made: the chosen one if the model can, otherwise 1K, otherwise its first. */
export function chosenSize(model: Model | undefined, options: Options): ImageSize {
  const sizes = model?.sizes ?? []
  if (options.size && sizes.includes(options.size)) return options.size
  return sizes.includes('1K') ? '1K' : (sizes[0] ?? '1K')
}

/** What the next message will probably cost, in US dollars; undefined when no price is known. */
export function estimate(model: Model | undefined, options: Options): number | undefined {
  if (options.mode === 'chat') return undefined
  const each = model?.usd_per_image[chosenSize(model, options)]
  return each === undefined ? undefined : each * options.count
}
