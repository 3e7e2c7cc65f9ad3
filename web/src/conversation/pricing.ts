import type { ImageSize, Model } from '../api/types.ts'
import type { Options } from './draft.ts'

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

/** What the next message will probably cost, in US dollars; undefined when no price is known. */
export function estimate(model: Model | undefined, options: Options): number | undefined {
  if (options.mode === 'chat') return undefined
  const each: number | undefined = model?.usd_per_image[chosenSize(model, options)]
  return each === undefined ? undefined : each * options.count
}
