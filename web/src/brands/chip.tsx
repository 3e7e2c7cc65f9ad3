import { Check, ChevronDown, SwatchBook } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'react-router'
import { useT } from '../i18n/i18n.ts'
import { Popover } from '../ui/menu.tsx'
import { stripes } from './kit.ts'
import { useBrands } from './queries.ts'

/** The brand kit that what is made next follows, as a chip; nothing where there are no kits. */
export function BrandChip({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const t = useT()
  const [open, setOpen] = useState(false)
  const brands = useBrands()
  if (!brands.data || brands.data.length === 0) return null
  const chosen = brands.data.find((one) => one.id === value)
  const choose = (id: string) => {
    onChange(id)
    setOpen(false)
  }
  return (
    <Popover
      title={t.brand.kit}
      open={open}
      onOpenChange={setOpen}
      className="max-h-[min(24rem,var(--available-height,70dvh))] w-[min(20rem,calc(100vw-1.5rem))] p-1.5"
      trigger={
        <button type="button" className="chip" data-active={chosen !== undefined} aria-label={`${t.brand.kit}: ${chosen?.name ?? t.brand.noKit}`}>
          <SwatchBook />
          <span className="max-w-28 truncate">{chosen?.name ?? t.brand.chip}</span>
          <ChevronDown className="hidden opacity-60 md:block" />
        </button>
      }
    >
      {[undefined, ...brands.data].map((one) => (
        <button key={one?.id ?? ''} type="button" aria-pressed={chosen?.id === one?.id} onClick={() => choose(one?.id ?? '')} className="flex min-h-11 w-full items-center gap-3 rounded-sm px-2.5 py-1.5 text-left transition-colors hover:bg-sunken">
          <span aria-hidden className="size-6 flex-none rounded-xs bg-sunken" style={{ backgroundImage: one && stripes(one) }} />
          <span className="min-w-0 flex-1 truncate">{one?.name ?? t.brand.noKit}</span>
          <Check aria-hidden className={chosen?.id === one?.id ? 'size-4 flex-none text-indigo' : 'size-4 flex-none opacity-0'} />
        </button>
      ))}
      <Link to="/brands" className="btn btn-ghost btn-sm mt-1 w-full">{t.brand.manage}</Link>
    </Popover>
  )
}
