import { SlidersHorizontal } from 'lucide-react'
import { useModels } from '../api/queries.ts'
import type { ImageSize } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { usd } from '../text/format.ts'
import { Popover } from '../ui/menu.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { useDraft, useDrafts, type Options } from './draft.ts'
import { lastAnswerOf } from './pictures.ts'
import { chosenModel, chosenSize, intentOf, sizesOf } from './pricing.ts'

/** Mode, count, size and model, in one chip that says the choice. */
export function OptionsChip({ session, custom }: { session: string; custom: boolean }) {
  const t = useT()
  const options = useDrafts((s) => s.options)
  const models = useModels()
  const size = chosenSize(chosenModel(models.data, options), options)
  // Count belongs to making anew: a change is of one picture.
  const { anew } = intentOf(useDraft(session), options, lastAnswerOf(session))
  const summary = options.mode === 'chat' ? t.composer.modes.chat : t.composer.optionsSummary(anew ? options.count : 1, size)
  return (
    <Popover
      title={t.composer.options}
      className="w-[min(22rem,calc(100vw-1.5rem))] p-4"
      trigger={
        <button type="button" className="chip" aria-label={`${t.composer.options}: ${summary}`}>
          <SlidersHorizontal />
          {summary}
        </button>
      }
    >
      <Form custom={custom} anew={anew} />
    </Popover>
  )
}

function Form({ custom, anew }: { custom: boolean; anew: boolean }) {
  const t = useT()
  const options = useDrafts((s) => s.options)
  const set = useDrafts((s) => s.setOptions)
  const models = useModels()
  const model = chosenModel(models.data, options)
  const drawing = options.mode !== 'chat'
  return (
    <div className="grid gap-4">
      <div>
        <Segmented
          label={t.composer.mode}
          value={options.mode}
          options={(['converse', 'generate', 'chat'] as const).map((value) => ({ value, label: t.composer.modes[value] }))}
          onChange={(mode) => set({ mode })}
        />
        <p className="mt-1.5 text-caption text-ink-3">{t.composer.modeHints[options.mode]}</p>
      </div>
      {drawing && (
        <>
          {custom && <CustomSize />}
          <Segmented
            label={t.composer.count}
            value={String(options.count)}
            options={['1', '2', '3', '4'].map((value) => ({ value, label: value }))}
            onChange={(count) => set({ count: Number(count) })}
          />
          {!anew && <p className="-mt-2.5 text-caption text-ink-3">{t.loop.countHint}</p>}
          <Segmented<ImageSize>
            label={t.composer.size}
            value={chosenSize(model, options)}
            options={sizesOf(model).map((value) => ({ value, label: value }))}
            onChange={(size) => set({ size })}
          />
          <ModelField options={options} onChange={(id) => set({ model: id })} />
        </>
      )}
    </div>
  )
}

/** The least and the most that a side may be, in px. */
const sides = { min: 256, max: 4096 }

function CustomSize() {
  const t = useT()
  const options = useDrafts((s) => s.options)
  const set = useDrafts((s) => s.setOptions)
  const field = (label: string, value: number, change: (value: number) => void) => (
    <label className="block flex-1">
      <span className="label">{label}</span>
      <input type="number" inputMode="numeric" {...sides} step={1} className="field" defaultValue={value} onBlur={(event) => {
        const wanted = Math.min(sides.max, Math.max(sides.min, Math.round(event.target.valueAsNumber) || value))
        event.target.value = String(wanted)
        change(wanted)
      }} />
    </label>
  )
  return (
    <div className="flex gap-3">
      {field(t.composer.width, options.customWidth, (customWidth) => set({ customWidth }))}
      {field(t.composer.height, options.customHeight, (customHeight) => set({ customHeight }))}
    </div>
  )
}

function ModelField({ options, onChange }: { options: Options; onChange: (id: string) => void }) {
  const t = useT()
  const models = useModels()
  const chosen = chosenModel(models.data, options)
  return (
    <label className="block">
      <span className="label">{t.composer.model}</span>
      <select className="field" value={chosen?.id ?? ''} onChange={(event) => onChange(event.target.value)}>
        {models.data?.map((one) => {
          const price = one.usd_per_image[chosenSize(one, options)]
          return <option key={one.id} value={one.id}>{price === undefined ? one.id : `${one.id} · ${price === 0 ? t.composer.free : usd(price)}`}</option>
        })}
      </select>
    </label>
  )
}
