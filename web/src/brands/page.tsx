import type { Brand } from '@gemini-image-chat/client'
import { Ellipsis, Pencil, Plus, Star, SwatchBook, Trash2 } from 'lucide-react'
import { useSearchParams } from 'react-router'
import { api, contentUrl, problemOf } from '../api/client.ts'
import { useT } from '../i18n/i18n.ts'
import { Missing } from '../pages/missing.tsx'
import { useSettings } from '../settings/settings.ts'
import { deleteLater, useHidden } from '../shell/pending.ts'
import { useTitle } from '../shell/title.ts'
import { Button, Empty, Skeleton } from '../ui/kit.tsx'
import { Menu, MenuItem } from '../ui/menu.tsx'
import { shorten } from '../text/format.ts'
import { toast } from '../ui/toast.tsx'
import { BrandEditor } from './editor.tsx'
import { stripes } from './kit.ts'
import { refreshBrands, useBrands } from './queries.ts'

/** The brand kits; the one that is edited is in the address. */
export default function BrandsPage() {
  const t = useT()
  const brands = useBrands()
  const [params, setParams] = useSearchParams()
  const hidden = useHidden((s) => s.ids)
  useTitle(t.brands.title)
  if (brands.isError) return <Missing problem={problemOf(brands.error)} onRetry={() => void brands.refetch()} />
  const shown = brands.data?.filter((one) => !hidden.has(one.id))
  const edited = params.get('edit')
  const known = brands.data?.find((one) => one.id === edited)
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto w-full max-w-5xl px-4 py-8 md:px-8">
        <header className="mb-6 flex items-start justify-between gap-4">
          <div>
            <h1 className="text-title font-bold">{t.brands.title}</h1>
            <p className="mt-1 text-ink-2">{t.brands.hint}</p>
          </div>
          {shown && shown.length > 0 && <Button tone="primary" onClick={() => setParams({ edit: 'new' })}><Plus />{t.brands.add}</Button>}
        </header>
        {shown ? <List brands={shown} onEdit={(id) => setParams({ edit: id })} /> : <Skeleton className="h-40 rounded-lg" />}
      </div>
      {(edited === 'new' || known) && <BrandEditor key={edited} brand={known} onClose={() => setParams({})} />}
    </div>
  )
}

function List({ brands, onEdit }: { brands: readonly Brand[]; onEdit: (id: string) => void }) {
  const t = useT()
  if (brands.length === 0) {
    return (
      <Empty icon={<SwatchBook />} title={t.brands.empty}>
        <p>{t.brands.emptyHint}</p>
        <div className="mt-5"><Button tone="primary" onClick={() => onEdit('new')}><Plus />{t.brands.add}</Button></div>
      </Empty>
    )
  }
  return (
    <ul aria-label={t.brands.title} className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
      {brands.map((one) => <Card key={one.id} brand={one} onEdit={() => onEdit(one.id)} />)}
    </ul>
  )
}

function Card({ brand, onEdit }: { brand: Brand; onEdit: () => void }) {
  const t = useT()
  const isDefault = useSettings((s) => s.defaultBrand === brand.id)
  return (
    <li className="card group relative flex flex-col overflow-hidden">
      <Face brand={brand} />
      <div className="flex flex-1 flex-col p-4">
        <h2 className="flex items-center gap-2 pr-9 text-lead font-semibold">
          {/* The whole card opens the kit; its menu lies above. */}
          <button type="button" onClick={onEdit} className="truncate text-left after:absolute after:inset-0 after:rounded-lg">{brand.name}</button>
          {isDefault && <span className="flex-none rounded-full bg-indigo-tint px-2 py-0.5 text-caption font-medium text-indigo">{t.brands.isDefault}</span>}
        </h2>
        <p className="mt-1 line-clamp-2 text-ink-2">{brand.description || brand.tone || t.brands.noWords}</p>
        {brand.palette.length > 0 && brand.logo_image_id && (
          <p className="mt-auto flex flex-wrap gap-1 pt-3">
            {brand.palette.map((one, at) => <span key={at} title={[one.name, one.hex].filter(Boolean).join(' ')} className="size-5 rounded-full border border-line" style={{ background: one.hex }} />)}
          </p>
        )}
      </div>
      <CardMenu brand={brand} isDefault={isDefault} onEdit={onEdit} />
    </li>
  )
}

/** The logo on white, as most are drawn for; without one the colours. */
function Face({ brand }: { brand: Brand }) {
  if (brand.logo_image_id) {
    return (
      <span className="grid h-28 place-items-center border-b border-line bg-white p-4">
        <img src={contentUrl(brand.logo_image_id, { w: 320 })} alt="" className="max-h-20 max-w-full object-contain" />
      </span>
    )
  }
  return <span aria-hidden className="grid h-28 place-items-center border-b border-line bg-sunken text-ink-3" style={{ background: stripes(brand) }}>{brand.palette.length === 0 && <SwatchBook className="size-7" />}</span>
}

function CardMenu({ brand, isDefault, onEdit }: { brand: Brand; isDefault: boolean; onEdit: () => void }) {
  const t = useT()
  const set = useSettings((s) => s.set)
  const choose = () => {
    set({ defaultBrand: isDefault ? '' : brand.id })
    toast(isDefault ? t.brands.noDefaultToast : t.brands.defaultToast(brand.name))
  }
  const remove = () =>
    deleteLater([brand.id], t.brands.deleted(shorten(brand.name)), async (keepalive) => {
      await api.brands.delete(brand.id, { keepalive })
      if (useSettings.getState().defaultBrand === brand.id) set({ defaultBrand: '' })
      await refreshBrands()
    })
  return (
    <div className="absolute right-2 bottom-auto z-1 mt-[7.75rem]">
      <Menu trigger={<button type="button" aria-label={t.brands.actions(brand.name)} className="btn btn-icon btn-ghost btn-sm"><Ellipsis /></button>}>
        <MenuItem icon={<Pencil />} onSelect={onEdit}>{t.brands.edit}</MenuItem>
        <MenuItem icon={<Star />} onSelect={choose}>{isDefault ? t.brands.dropDefault : t.brands.makeDefault}</MenuItem>
        <MenuItem icon={<Trash2 />} tone="danger" onSelect={remove}>{t.brands.remove}</MenuItem>
      </Menu>
    </div>
  )
}
