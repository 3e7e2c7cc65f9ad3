import { Plus, X } from 'lucide-react'
import { useT } from '../i18n/i18n.ts'
import { Button, IconButton } from '../ui/kit.tsx'
import { HexField } from './hex.tsx'
import { mostColours, type BrandFields, type Colour } from './kit.ts'

interface FieldsProps {
  value: BrandFields
  onChange: (change: Partial<BrandFields>) => void
  nameRequired?: boolean
}

/** Everything that a brand says about itself, for a kit and for a conversation's own guidelines alike. */
export function Fields({ value, onChange, nameRequired }: FieldsProps) {
  const t = useT()
  return (
    <>
      <Line label={t.brand.name} value={value.name} most={100} required={nameRequired} onChange={(name) => onChange({ name })} />
      <Area label={t.brand.about} hint={t.brand.aboutHint} value={value.description} onChange={(description) => onChange({ description })} />
      <Palette palette={value.palette} onChange={(palette) => onChange({ palette })} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Line label={t.brand.typography} hint={t.brand.typographyHint} value={value.typography} onChange={(typography) => onChange({ typography })} />
        <Line label={t.brand.tone} hint={t.brand.toneHint} value={value.tone} onChange={(tone) => onChange({ tone })} />
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <Area label={t.brand.do} hint={t.brand.ruleHint} value={value.do} onChange={(always) => onChange({ do: always })} />
        <Area label={t.brand.dont} hint={t.brand.ruleHint} value={value.dont} onChange={(dont) => onChange({ dont })} />
      </div>
    </>
  )
}

interface LineProps {
  label: string
  hint?: string
  value: string
  most?: number
  required?: boolean
  onChange: (value: string) => void
}

function Line({ label, hint, value, most = 200, required, onChange }: LineProps) {
  return (
    <label className="block">
      <span className="label">{label}</span>
      <input className="field" value={value} placeholder={hint} maxLength={most} required={required} onChange={(event) => onChange(event.target.value)} />
    </label>
  )
}

function Area({ label, hint, value, onChange }: LineProps) {
  return (
    <label className="block">
      <span className="label">{label}</span>
      <textarea className="field field-sizing-content min-h-20" value={value} placeholder={hint} maxLength={1000} onChange={(event) => onChange(event.target.value)} />
    </label>
  )
}

function Palette({ palette, onChange }: { palette: Colour[]; onChange: (palette: Colour[]) => void }) {
  const t = useT()
  const change = (index: number, part: Partial<Colour>) => onChange(palette.map((one, at) => (at === index ? { ...one, ...part } : one)))
  return (
    <fieldset>
      <legend className="label">{t.brand.colors}</legend>
      <div className="grid gap-2">
        {palette.map((one, index) => (
          <div key={index} className="flex items-center gap-2">
            <input type="color" aria-label={`${t.brand.color} ${index + 1}`} value={one.hex} onChange={(event) => change(index, { hex: event.target.value })} className="h-10 w-12 flex-none cursor-pointer rounded-sm border border-line-strong bg-surface p-1" />
            <input aria-label={`${t.brand.colorName} ${index + 1}`} placeholder={t.brand.colorName} value={one.name} maxLength={50} onChange={(event) => change(index, { name: event.target.value })} className="field" />
            <HexField label={`${t.brand.hex} ${index + 1}`} value={one.hex} onChange={(hex) => change(index, { hex })} />
            <IconButton label={t.brand.removeColor(one.name)} small onClick={() => onChange(palette.filter((_, at) => at !== index))}><X /></IconButton>
          </div>
        ))}
        {palette.length < mostColours && <Button small tone="soft" className="w-fit" onClick={() => onChange([...palette, { name: '', hex: '#24408e' }])}><Plus />{t.brand.addColor}</Button>}
      </div>
    </fieldset>
  )
}
