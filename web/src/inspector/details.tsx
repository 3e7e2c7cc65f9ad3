import { BadgeCheck, Bookmark, Copy, ImagePlus } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { usePurposes, useStyles, useUpdateImage, useUpdateSession } from '../api/queries.ts'
import type { Picture, Session } from '../api/types.ts'
import { addReferences } from '../conversation/draft.ts'
import { PurposeNotes } from '../exporting/notes.tsx'
import { useT } from '../i18n/i18n.ts'
import { useSettings } from '../settings/settings.ts'
import { bytes, exactly, usd } from '../text/format.ts'
import { Button, IconButton } from '../ui/kit.tsx'
import { toast } from '../ui/toast.tsx'

/** What is known of a picture: all of it read from the picture and its record, nothing from the preset. */
export function Details({ picture, session, said }: { picture: Picture; session: Session; said: string }) {
  const t = useT()
  const language = useSettings((s) => s.language)
  const purposes = usePurposes()
  const styles = useStyles()
  const placement = purposes.data?.find((one) => one.id === picture.image_purpose)
  const purpose = placement?.name ?? picture.image_purpose
  const style = styles.data?.find((one) => one.id === picture.style_preset)?.name ?? picture.style_preset
  return (
    <>
      <AltText picture={picture} />
      <section aria-labelledby="details">
        <h2 id="details" className="mb-2 text-caption font-medium text-ink-3">{t.inspector.details}</h2>
        <Prompt said={said} sent={picture.prompt_used} />
        <dl className="divide-y divide-line">
          <Row name={t.inspector.dimensions}>{picture.width}×{picture.height}</Row>
          <Row name={t.inspector.file}>{picture.format.toUpperCase()} · {bytes(picture.bytes)}</Row>
          {picture.model_used && <Row name={t.inspector.model}>{picture.model_used}</Row>}
          {picture.generation_cost_usd != null && <Row name={t.inspector.cost}>{picture.generation_cost_usd === 0 ? t.composer.free : usd(picture.generation_cost_usd)}</Row>}
          {purpose && <Row name={t.inspector.purpose}>{purpose}{placement && <PurposeNotes purpose={placement} className="mt-1" />}</Row>}
          {style && <Row name={t.inspector.style}>{style}</Row>}
          <Row name={t.inspector.made}>{exactly(picture.created_at, language)}</Row>
          <Row name={t.inspector.provenance}>
            {picture.provenance?.c2pa ? <span className="inline-flex items-center gap-1.5"><BadgeCheck aria-hidden className="size-4 text-indigo" />{t.inspector.c2pa}</span> : t.inspector.noC2pa}
          </Row>
          {picture.provenance?.response_id && <Row name={t.inspector.response}>{picture.provenance.response_id}</Row>}
        </dl>
        <div className="mt-2 -ml-3 flex flex-wrap">
          <Final picture={picture} session={session} />
          <Button small tone="ghost" onClick={() => addReferences(session.id, [picture])}><ImagePlus />{t.inspector.asReference}</Button>
        </div>
      </section>
    </>
  )
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[6.5rem_1fr] gap-3 py-2 text-caption">
      <dt className="text-ink-3">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Prompt({ said, sent }: { said: string; sent: string }) {
  const t = useT()
  const copy = async () => {
    await navigator.clipboard.writeText(said)
    toast(t.common.copied)
  }
  return (
    <div className="mb-1 rounded-md bg-sunken">
      <div className="flex items-start gap-1 py-1.5 pr-1 pl-3">
        <p className="flex-1 py-1 text-caption whitespace-pre-wrap">{said}</p>
        <IconButton label={t.inspector.copyPrompt} small onClick={() => void copy()}><Copy /></IconButton>
      </div>
      {sent && sent !== said && (
        <details className="border-t border-line px-3 py-2 text-caption">
          <summary className="w-fit text-ink-3 hover:text-ink">{t.inspector.sent}</summary>
          <p className="mt-2 whitespace-pre-wrap">{sent}</p>
        </details>
      )}
    </div>
  )
}

function Final({ picture, session }: { picture: Picture; session: Session }) {
  const t = useT()
  const update = useUpdateSession()
  if (session.final_image_id === picture.id) {
    return <p className="flex min-h-8.5 items-center gap-2 px-3 text-caption font-medium text-indigo"><Bookmark aria-hidden className="size-4 fill-current" />{t.inspector.isFinal}</p>
  }
  return (
    <Button small tone="ghost" onClick={() => update.mutate({ id: session.id, change: { final_image_id: picture.id } }, { onSuccess: () => toast(t.inspector.finalToast) })}>
      <Bookmark />{t.inspector.setFinal}
    </Button>
  )
}

function AltText({ picture }: { picture: Picture }) {
  const t = useT()
  const update = useUpdateImage()
  const [text, setText] = useState(picture.alt_text ?? '')
  const changed = text.trim() !== (picture.alt_text ?? '')
  const save = () => update.mutate({ id: picture.id, change: { alt_text: text.trim() } }, { onSuccess: () => toast(t.common.saved) })
  return (
    <div>
      <label className="label" htmlFor="alt-text">{t.inspector.alt}</label>
      <textarea id="alt-text" aria-describedby="alt-hint" className="field field-sizing-content min-h-10 text-caption" rows={1} maxLength={500} value={text} onChange={(event) => setText(event.target.value)} placeholder={t.inspector.altHint} />
      <p id="alt-hint" className="sr-only">{t.inspector.altHint}</p>
      {changed && <Button small tone="soft" className="mt-2" disabled={update.isPending} onClick={save}>{t.inspector.altSave}</Button>}
    </div>
  )
}
