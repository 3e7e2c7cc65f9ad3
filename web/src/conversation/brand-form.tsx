import type { Brand } from '@gemini-image-chat/client'
import type { FormEvent } from 'react'
import { Link } from 'react-router'
import { contentUrl, problemOf } from '../api/client.ts'
import { useUpdateSession } from '../api/queries.ts'
import type { Session } from '../api/types.ts'
import { Fields } from '../brands/fields.tsx'
import { emptyFields, fieldsOf, guidelinesOf } from '../brands/kit.ts'
import { useBrands } from '../brands/queries.ts'
import { useT } from '../i18n/i18n.ts'
import { Button, Dialog } from '../ui/kit.tsx'
import { useKept } from '../ui/kept.ts'
import { toast } from '../ui/toast.tsx'

/** The brand of one conversation: a kit that it follows, and guidelines of its own. */
export default function BrandForm({ session, onClose }: { session: Session; onClose: () => void }) {
  const t = useT()
  const update = useUpdateSession()
  const brands = useBrands()
  const [{ fields, chosen }, keep, forget] = useKept(`guidelines.${session.id}`, { fields: fieldsOf(session.brand_guidelines ?? {}), chosen: session.brand_id ?? '' })
  const setFields = (next: typeof fields) => keep({ fields: next, chosen })
  const setChosen = (next: string) => keep({ fields, chosen: next })
  // A kit that was deleted is followed no longer.
  const kit = brands.data?.find((one) => one.id === chosen)
  const save = (event: FormEvent) => {
    event.preventDefault()
    const follows = brands.data ? (kit?.id ?? null) : session.brand_id
    update.mutate({ id: session.id, change: { brand_id: follows, brand_guidelines: guidelinesOf(fields) } }, { onSuccess: () => (toast(t.brand.saved), forget(), onClose()) })
  }
  const fill = () => {
    if (kit) keep({ fields: fieldsOf(kit), chosen: '' }) // said once is enough
  }
  return (
    <Dialog open onClose={onClose} title={t.brand.title} description={t.brand.hint}>
      <form onSubmit={save} className="grid gap-4 px-6 pt-5 pb-6">
        <div className="rounded-lg bg-sunken p-4">
          <label htmlFor="kit" className="label">{t.brand.kit}</label>
          <select id="kit" className="field" value={kit?.id ?? ''} onChange={(event) => setChosen(event.target.value)}>
            <option value="">{t.brand.noKit}</option>
            {brands.data?.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
          </select>
          {kit && <KitSummary kit={kit} />}
          <p className="mt-2 text-caption text-ink-2">
            {kit ? t.brand.kitHint : t.brand.fillHint} <Link to="/brands" className="font-medium text-indigo underline underline-offset-2">{t.brand.manage}</Link>
          </p>
          {kit && <Button small tone="line" className="mt-3" onClick={fill}>{t.brand.fill}</Button>}
        </div>
        <details className="group grid gap-4" open={!kit || Object.keys(guidelinesOf(fields)).length > 0}>
          <summary className="label w-fit cursor-pointer">{t.brand.ownTitle}</summary>
          <div className="grid gap-4"><Fields value={fields} onChange={(change) => setFields({ ...fields, ...change })} /></div>
        </details>
        {update.isError && <p role="alert" className="text-caption text-gam">{problemOf(update.error).detail ?? t.failure.network}</p>}
        <div className="flex justify-between">
          <Button tone="ghost" onClick={() => keep({ fields: emptyFields, chosen: '' })}>{t.brand.clear}</Button>
          <Button type="submit" tone="primary" disabled={update.isPending}>{t.brand.save}</Button>
        </div>
      </form>
    </Dialog>
  )
}

/** What a kit says, in short: its logo, its colours and what it is about. */
function KitSummary({ kit }: { kit: Brand }) {
  const t = useT()
  return (
    <div className="mt-3 flex items-center gap-3">
      {kit.logo_image_id && <img src={contentUrl(kit.logo_image_id, { w: 128 })} alt={t.brands.logoOf(kit.name)} className="size-10 flex-none rounded-sm bg-white object-contain p-1" />}
      <div className="min-w-0">
        <div className="flex gap-1">{kit.palette.map((one, at) => <span key={at} title={`${one.name} ${one.hex}`.trim()} className="size-5 rounded-full border border-line" style={{ background: one.hex }} />)}</div>
        {kit.description && <p className="mt-1 line-clamp-2 text-caption text-ink-2">{kit.description}</p>}
      </div>
    </div>
  )
}
