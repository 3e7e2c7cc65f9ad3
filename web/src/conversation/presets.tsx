import { Check, ChevronDown } from 'lucide-react'
import { useMemo, useState } from 'react'
import { usePurposes, useStyles } from '../api/queries.ts'
import type { Purpose } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { matches } from '../text/hangul.ts'
import { Popover } from '../ui/menu.tsx'
import { Ratio } from '../ui/ratio.tsx'
import { useDrafts } from './draft.ts'
import { customPurpose } from './pricing.ts'
import { StyleSwatch } from './style-swatch.tsx'

/** Placements by group, in the order in which the server tells them. */
export function grouped(purposes: readonly Purpose[]): [string, Purpose[]][] {
  const groups = new Map<string, Purpose[]>()
  for (const one of purposes) groups.set(one.group_name, [...(groups.get(one.group_name) ?? []), one])
  return [...groups]
}

/** From this much on, in percent, it is said before anything is bought that a format has to be cropped. */
const noticedCrop = 5

interface PresetProps {
  value: string
  onChange: (value: string) => void
}

/** Gives the purpose that has no size of its own the one that is set in the options. */
export function useSized() {
  const { customWidth: width, customHeight: height } = useDrafts((s) => s.options)
  return (one: Purpose): Purpose => (one.id === customPurpose ? { ...one, width, height } : one)
}

/** How the list of all purposes is shown, in whatever it opens. */
export const purposePopover = 'flex max-h-[min(30rem,var(--available-height,70dvh))] w-[min(26rem,calc(100vw-1.5rem))] flex-col'

/** The purpose as a chip with its format drawn; opens all of them. */
export function PurposeChip({ value, onChange }: PresetProps) {
  const t = useT()
  const [open, setOpen] = useState(false)
  const purposes = usePurposes()
  const sized = useSized()
  const chosen = purposes.data?.map(sized).find((one) => one.id === value)
  const size = value === customPurpose && chosen ? `${chosen.width}×${chosen.height}` : ''
  return (
    <Popover
      title={t.composer.purpose}
      open={open}
      onOpenChange={setOpen}
      className={purposePopover}
      trigger={
        <button type="button" className="chip" aria-label={`${t.composer.purpose}: ${[chosen?.name, size].filter(Boolean).join(' ')}`}>
          <Ratio width={chosen?.width ?? 1} height={chosen?.height ?? 1} />
          <span className="max-w-28 truncate md:max-w-none">{size || (chosen?.name ?? t.composer.purpose)}</span>
          <ChevronDown className="hidden opacity-60 md:block" />
        </button>
      }
    >
      <PurposeList
        value={value}
        onChange={(next) => {
          onChange(next)
          setOpen(false)
        }}
      />
    </Popover>
  )
}

export function PurposeList({ value, onChange }: PresetProps) {
  const t = useT()
  const purposes = usePurposes()
  const sized = useSized()
  const [query, setQuery] = useState('')
  const groups = useMemo(
    () => grouped((purposes.data ?? []).filter((one) => matches(`${one.name} ${one.id} ${one.width}x${one.height} ${one.group_name}`, query))),
    [purposes.data, query],
  )
  return (
    <>
      <div className="p-2.5">
        <input type="text" role="searchbox" aria-label={t.composer.searchPurpose} placeholder={t.composer.searchPurpose} value={query} onChange={(event) => setQuery(event.target.value)} className="field border-transparent bg-sunken" />
      </div>
      <div className="min-h-0 overflow-y-auto px-1.5 pb-2">
        {groups.map(([group, list]) => (
          <section key={group} aria-label={group}>
            <h3 className="px-2.5 pt-2 pb-1 text-caption font-medium text-ink-3">{group}</h3>
            {list.map(sized).map((one) => (
              <button key={one.id} type="button" aria-pressed={one.id === value} title={one.description} onClick={() => onChange(one.id)} className="flex min-h-11 w-full items-center gap-3 rounded-sm px-2.5 py-1 text-left transition-colors hover:bg-sunken">
                <Ratio width={one.width} height={one.height} size={26} className="text-ink-3" />
                <span className="min-w-0 flex-1">
                  <span className="block truncate leading-snug">{one.name}</span>
                  {(one.hint ?? one.text_rules) && <span className="line-clamp-2 text-caption leading-snug text-ink-3">{[one.hint, one.text_rules].filter(Boolean).join(' ')}</span>}
                  {one.crop_percent >= noticedCrop && <span className="block text-caption leading-snug text-ink-3">{t.composer.cropNote(`${Math.round(one.crop_percent)}%`)}</span>}
                </span>
                <span className="text-right text-caption text-ink-3">{one.width}×{one.height}{one.is_unverified && <span className="block">{t.exporting.unverified}</span>}</span>
                <Check aria-hidden className={one.id === value ? 'size-4 text-indigo' : 'size-4 opacity-0'} />
              </button>
            ))}
          </section>
        ))}
      </div>
    </>
  )
}

/** The style as a chip; opens all of them. */
export function StyleChip({ value, onChange }: PresetProps) {
  const t = useT()
  const [open, setOpen] = useState(false)
  const styles = useStyles()
  const chosen = styles.data?.find((one) => one.id === value)
  const choose = (next: string) => {
    onChange(next)
    setOpen(false)
  }
  return (
    <Popover
      title={t.composer.style}
      open={open}
      onOpenChange={setOpen}
      className="max-h-[min(26rem,var(--available-height,70dvh))] w-[min(22rem,calc(100vw-1.5rem))] p-1.5"
      trigger={
        <button type="button" className="chip" data-active={chosen !== undefined} aria-label={`${t.composer.style}: ${chosen?.name ?? t.composer.noStyle}`}>
          {chosen?.name ?? t.composer.style}
          <ChevronDown className="hidden opacity-60 md:block" />
        </button>
      }
    >
      {[{ id: '', name: t.composer.noStyle, description: '' }, ...(styles.data ?? [])].map((one) => (
        <button key={one.id} type="button" aria-pressed={one.id === value} onClick={() => choose(one.id)} className="flex min-h-11 w-full items-center gap-3 rounded-sm px-2.5 py-1.5 text-left transition-colors hover:bg-sunken">
          <StyleSwatch id={one.id} />
          <span className="min-w-0 flex-1">
            <span className="block leading-snug">{one.name}</span>
            {one.description && <span className="block text-caption text-ink-3">{one.description}</span>}
          </span>
          <Check aria-hidden className={one.id === value ? 'size-4 flex-none text-indigo' : 'size-4 flex-none opacity-0'} />
        </button>
      ))}
    </Popover>
  )
}
