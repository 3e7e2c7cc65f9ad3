import { Plus, X } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { useUpdateSession } from '../api/queries.ts'
import type { Session } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { Button, Dialog, IconButton } from '../ui/kit.tsx'
import { toast } from '../ui/toast.tsx'

interface Colour {
  name: string
  hex: string
}

interface Guidelines {
  name: string
  description: string
  palette: Colour[]
  typography: string
  do: string
  dont: string
}

const text = (value: unknown) => (Array.isArray(value) ? value.join('\n') : typeof value === 'string' ? value : '')

/** Reads whatever the session holds; another client may have written it in its own way. */
function guidelinesOf(session: Session): Guidelines {
  const held = session.brand_guidelines ?? {}
  const palette = Array.isArray(held.palette) ? held.palette : []
  return {
    name: text(held.name),
    description: text(held.description),
    palette: palette.map((one: Partial<Colour>) => ({ name: text(one.name), hex: /^#[0-9a-f]{6}$/i.test(text(one.hex)) ? text(one.hex) : '#888888' })),
    typography: text(held.typography),
    do: text(held.do),
    dont: text(held.dont),
  }
}

const lines = (value: string) => value.split('\n').map((one) => one.trim()).filter(Boolean)

/** The brand guidelines of one conversation. */
export default function BrandForm({ session, onClose }: { session: Session; onClose: () => void }) {
  const t = useT()
  const update = useUpdateSession()
  const [form, setForm] = useState(() => guidelinesOf(session))
  const set = (change: Partial<Guidelines>) => setForm((known) => ({ ...known, ...change }))
  const save = (event: FormEvent) => {
    event.preventDefault()
    const { do: always, dont, palette, ...words } = form
    const held = Object.fromEntries(Object.entries({ ...words, palette, do: lines(always), dont: lines(dont) }).filter(([, value]) => value.length > 0))
    update.mutate({ id: session.id, change: { brand_guidelines: held } }, { onSuccess: () => (toast(t.brand.saved), onClose()) })
  }
  return (
    <Dialog open onClose={onClose} title={t.brand.title} description={t.brand.hint}>
      <form onSubmit={save} className="grid gap-4 px-6 pt-5 pb-6">
        <Line label={t.brand.name} value={form.name} onChange={(name) => set({ name })} />
        <Area label={t.brand.about} hint={t.brand.aboutHint} value={form.description} onChange={(description) => set({ description })} />
        <Palette palette={form.palette} onChange={(palette) => set({ palette })} />
        <Line label={t.brand.typography} hint={t.brand.typographyHint} value={form.typography} onChange={(typography) => set({ typography })} />
        <div className="grid gap-4 sm:grid-cols-2">
          <Area label={t.brand.do} value={form.do} onChange={(value) => set({ do: value })} />
          <Area label={t.brand.dont} value={form.dont} onChange={(dont) => set({ dont })} />
        </div>
        {update.isError && <p role="alert" className="text-caption text-gam">{update.error.message}</p>}
        <div className="flex justify-between">
          <Button tone="ghost" onClick={() => setForm(guidelinesOf({ ...session, brand_guidelines: {} }))}>{t.brand.clear}</Button>
          <Button type="submit" tone="primary" disabled={update.isPending}>{t.brand.save}</Button>
        </div>
      </form>
    </Dialog>
  )
}

interface LineProps {
  label: string
  hint?: string
  value: string
  onChange: (value: string) => void
}

function Line({ label, hint, value, onChange }: LineProps) {
  return (
    <label className="block">
      <span className="label">{label}</span>
      <input className="field" value={value} placeholder={hint} maxLength={200} onChange={(event) => onChange(event.target.value)} />
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
            <input aria-label={`${t.brand.colorName} ${index + 1}`} placeholder={t.brand.colorName} value={one.name} onChange={(event) => change(index, { name: event.target.value })} className="field" />
            <span className="w-18 flex-none text-caption text-ink-3">{one.hex}</span>
            <IconButton label={t.brand.removeColor(one.name)} small onClick={() => onChange(palette.filter((_, at) => at !== index))}><X /></IconButton>
          </div>
        ))}
        <Button small tone="soft" className="w-fit" onClick={() => onChange([...palette, { name: '', hex: '#24408e' }])}><Plus />{t.brand.addColor}</Button>
      </div>
    </fieldset>
  )
}
