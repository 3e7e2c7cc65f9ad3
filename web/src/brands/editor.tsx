import type { Brand } from '@gemini-image-chat/client'
import { clsx } from 'clsx'
import { ImagePlus } from 'lucide-react'
import { useRef, useState, type FormEvent } from 'react'
import { api, contentUrl, problemOf } from '../api/client.ts'
import { fileProblem } from '../conversation/uploads.ts'
import { useT } from '../i18n/i18n.ts'
import { Button, Dialog } from '../ui/kit.tsx'
import { useKept } from '../ui/kept.ts'
import { toast } from '../ui/toast.tsx'
import { Fields } from './fields.tsx'
import { emptyFields, fieldsOf, kitOf } from './kit.ts'
import { useSaveBrand } from './queries.ts'
import { isSvg, svgToPng } from './svg.ts'

/** A brand kit, new or known, as a form. */
export function BrandEditor({ brand, onClose }: { brand?: Brand; onClose: () => void }) {
  const t = useT()
  const saving = useSaveBrand()
  const [fields, setFields, forget] = useKept(`brand.${brand?.id ?? 'new'}`, brand ? fieldsOf(brand) : emptyFields)
  const [logo, setLogo, forgetLogo] = useKept(`logo.${brand?.id ?? 'new'}`, brand?.logo_image_id ?? '')
  const discard = () => {
    forget()
    forgetLogo()
    onClose()
  }
  const save = (event: FormEvent) => {
    event.preventDefault()
    const kit = { ...kitOf(fields), ...(logo && { logo_image_id: logo }) }
    saving.mutate({ id: brand?.id, kit }, { onSuccess: () => (toast(t.brands.saved), discard()) })
  }
  return (
    <Dialog open onClose={onClose} title={brand ? t.brands.editTitle : t.brands.newTitle} description={t.brands.formHint}>
      <form onSubmit={save} className="grid gap-4 px-6 pt-5 pb-6">
        <Logo name={fields.name} value={logo} onChange={setLogo} />
        <Fields value={fields} onChange={(change) => setFields({ ...fields, ...change })} nameRequired />
        {saving.isError && <p role="alert" className="text-caption text-gam">{problemOf(saving.error).detail ?? t.failure.network}</p>}
        <div className="flex justify-end gap-2">
          <Button tone="ghost" onClick={discard}>{t.common.cancel}</Button>
          <Button type="submit" tone="primary" disabled={saving.isPending || fields.name.trim() === ''}>{t.common.save}</Button>
        </div>
      </form>
    </Dialog>
  )
}

function Logo({ name, value, onChange }: { name: string; value: string; onChange: (id: string) => void }) {
  const t = useT()
  const input = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const upload = async (given: File) => {
    setBusy(true)
    try {
      const file = isSvg(given) ? await svgToPng(given).catch(() => undefined) : given
      const wrong = file ? fileProblem(file, t) : t.brands.svgFailed
      setProblem(wrong)
      if (wrong || !file) return
      const { id } = await api.uploads.create(new File([file], file.name.normalize('NFC'), { type: file.type }), { role: 'logo' })
      onChange(id)
    } catch (error) {
      setProblem(problemOf(error).detail ?? t.composer.uploadFailed)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="flex items-center gap-4">
      <span className={clsx('grid size-20 flex-none place-items-center overflow-hidden rounded-lg border border-line', value ? 'bg-white' : 'bg-sunken text-ink-3')}>
        {value ? <img src={contentUrl(value, { w: 320 })} alt={t.brands.logoOf(name)} className="max-h-full max-w-full object-contain p-1.5" /> : <ImagePlus aria-hidden className="size-6" />}
      </span>
      <div>
        <p className="label">{t.brands.logo}</p>
        <div className="flex flex-wrap gap-2">
          <Button small disabled={busy} onClick={() => input.current?.click()}>{busy ? t.composer.uploading : value ? t.brands.changeLogo : t.brands.addLogo}</Button>
          {value && <Button small tone="ghost" onClick={() => onChange('')}>{t.brands.removeLogo}</Button>}
        </div>
        <input
          ref={input}
          type="file"
          accept="image/png,image/jpeg,image/webp,image/gif,image/svg+xml"
          aria-label={t.brands.logo}
          className="hidden"
          onChange={(event) => {
            const [file] = event.target.files ?? []
            event.target.value = ''
            if (file) void upload(file)
          }}
        />
        {problem && <p role="alert" className="pt-1 text-caption text-gam">{problem}</p>}
      </div>
    </div>
  )
}
