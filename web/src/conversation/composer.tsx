import { ArrowUp, ImagePlus, Square } from 'lucide-react'
import { useEffect, useLayoutEffect, useRef, useState, type ClipboardEvent, type KeyboardEvent, type RefObject } from 'react'
import { flushSync } from 'react-dom'
import { useModels } from '../api/queries.ts'
import type { Picture, TurnRequest } from '../api/types.ts'
import { BrandChip } from '../brands/chip.tsx'
import { takeTyped } from '../first/typed.ts'
import { useT } from '../i18n/i18n.ts'
import { useSendKey } from '../keys/send-key.ts'
import { useSettings } from '../settings/settings.ts'
import { usd } from '../text/format.ts'
import { IconButton } from '../ui/kit.tsx'
import { BudgetWarning } from './budget.tsx'
import { emptyDraft, useDraft, useDrafts } from './draft.ts'
import { lastAnswerOf } from './pictures.ts'
import { SubjectBar } from './subject-bar.tsx'
import { useSubject } from './subject.ts'
import { OptionsChip } from './options.tsx'
import { PurposeChip, StyleChip } from './presets.tsx'
import { chosenModel, customPurpose, requestOf, useEstimate } from './pricing.ts'
import { References } from './references.tsx'
import { filesIn, useUploads } from './uploads.ts'

const maxRunes = 2000

interface ComposerProps {
  /** The conversation, or `new`. */
  session: string
  purpose: string
  style: string
  onPreset: (change: { purpose?: string; style?: string }) => void
  onSend: (request: TurnRequest, references: Picture[]) => void
  /** Set while something runs that can be stopped. */
  onStop?: () => void
  /** Drops the picture that one's words change. */
  onDrop?: () => void
  /** Brings back the last message, for the up arrow in an empty field. */
  lastText?: string
  placeholder: string
  /** The brand kit that is followed, and how another is chosen. */
  brand: string
  onBrand: (id: string) => void
}

/** Where one says what to make. */
export function Composer(props: ComposerProps) {
  const t = useT()
  const field = useRef<HTMLTextAreaElement>(null)
  const draft = useDraft(props.session)
  const subject = useSubject(props.session)
  const change = useDrafts((s) => s.change)
  const models = useModels()
  const options = useDrafts((s) => s.options)
  const model = chosenModel(models.data, options)
  const uploads = useUploads(props.session, model?.max_reference_images ?? 14)
  const sendKey = useSettings((s) => s.sendKey)
  const over = [...draft.text].length - maxRunes
  const say = useSend(props, field, uploads.busy > 0)
  const send = () => {
    if (say()) uploads.forget()
  }
  const keys = useSendKey(send, sendKey)
  useEarlyWords(props.session, field)
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    keys.onKeyDown(event)
    const empty = event.currentTarget.value === '' && !event.nativeEvent.isComposing
    if (empty && event.key === 'ArrowUp' && props.lastText) change(props.session, { text: props.lastText })
    if (!empty || event.key !== 'Backspace') return
    if (draft.references.length > 0) change(props.session, { references: draft.references.slice(0, -1) })
    else if (subject) props.onDrop?.()
  }
  const onPaste = (event: ClipboardEvent) => {
    const files = filesIn(event.clipboardData)
    if (files.length === 0) return
    event.preventDefault()
    void uploads.add(files)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
      className="rounded-xl border border-line-strong bg-raised shadow-lift transition-[border-color,box-shadow] focus-within:border-indigo focus-within:shadow-float"
    >
      <DropZone onFiles={(files) => void uploads.add(files)} />
      <SubjectBar session={props.session} onDrop={props.onDrop} />
      <Attached session={props.session} busy={uploads.busy} onRemove={uploads.forget} />
      <label htmlFor="composer" className="sr-only">{t.composer.label}</label>
      <textarea
        id="composer"
        ref={field}
        data-composer
        rows={2}
        value={draft.text}
        placeholder={subject ? t.composer.placeholderEdit : draft.editing === null ? t.composer.placeholder : props.placeholder}
        aria-describedby="composer-hint"
        aria-invalid={over > 0}
        onChange={(event) => {
          change(props.session, { text: event.target.value })
          uploads.forget()
        }}
        onPaste={onPaste}
        {...keys}
        onKeyDown={onKeyDown}
        className="field-sizing-content block max-h-[38dvh] min-h-16 w-full resize-none bg-transparent px-4 pt-3.5 pb-1 text-lead outline-none"
      />
      <p id="composer-hint" className="sr-only">{t.composer.keyHint}</p>
      {(over > 0 || uploads.problem) && <p role="alert" className="px-4 pb-1 text-caption text-gam">{over > 0 ? t.composer.tooLong(over) : uploads.problem}</p>}
      <BudgetWarning session={props.session} purpose={props.purpose} style={props.style} />
      <Tools {...props} limitReached={draft.references.length >= (model?.max_reference_images ?? 14)} onFiles={(files) => void uploads.add(files)} blocked={over > 0 || uploads.busy > 0} />
    </form>
  )
}

/** Goes on with what was written before the app was there. */
function useEarlyWords(session: string, field: RefObject<HTMLTextAreaElement | null>) {
  const [, redraw] = useState('')
  useLayoutEffect(() => {
    const early = takeTyped()
    if (early === undefined || !field.current) return
    const { drafts, change } = useDrafts.getState()
    const text = [drafts[session]?.text, early].filter(Boolean).join('\n')
    change(session, { text })
    // React would hear of the draft only after the next key, and undo that one.
    // oxlint-disable-next-line react/set-state-in-effect
    redraw(text)
    field.current.focus()
  }, [session, field])
}

/** Sends, and returns whether it did. Reads the field itself: the last syllable may not have reached the state yet. */
function useSend({ session, purpose, style, onSend }: ComposerProps, field: RefObject<HTMLTextAreaElement | null>, uploading: boolean) {
  const models = useModels()
  return () => {
    const text = field.current?.value.normalize('NFC').trim() ?? ''
    if (text === '' || [...text].length > maxRunes || uploading) return false
    const { drafts, options, clear } = useDrafts.getState()
    const draft = drafts[session] ?? emptyDraft
    const request = requestOf(text, draft, options, chosenModel(models.data, options), purpose, style, lastAnswerOf(session))
    flushSync(() => clear(session))
    onSend(request, draft.references)
    return true
  }
}

interface ToolsProps extends ComposerProps {
  limitReached: boolean
  blocked: boolean
  onFiles: (files: File[]) => void
}

function Tools(props: ToolsProps) {
  const t = useT()
  const picker = useRef<HTMLInputElement>(null)
  return (
    <div className="flex items-center gap-2 p-2">
      <input
        ref={picker}
        type="file"
        accept="image/png,image/jpeg,image/webp,image/gif"
        multiple
        hidden
        onChange={(event) => {
          props.onFiles([...(event.target.files ?? [])])
          event.target.value = ''
        }}
      />
      <IconButton label={t.composer.attach} small disabled={props.limitReached} onClick={() => picker.current?.click()} className="flex-none">
        <ImagePlus />
      </IconButton>
      <div className="flex min-w-0 flex-1 gap-1.5 overflow-x-auto p-0.5 [scrollbar-width:none] max-md:pr-5 max-md:[mask-image:linear-gradient(to_right,black_calc(100%-1.5rem),transparent)]">
        <PurposeChip value={props.purpose} onChange={(purpose) => props.onPreset({ purpose })} />
        <StyleChip value={props.style} onChange={(style) => props.onPreset({ style })} />
        <BrandChip value={props.brand} onChange={props.onBrand} />
        <OptionsChip session={props.session} custom={props.purpose === customPurpose} />
      </div>
      <SendButton {...props} />
    </div>
  )
}

function SendButton({ session, purpose, style, onStop, blocked }: ToolsProps) {
  const t = useT()
  const empty = useDraft(session).text.trim() === ''
  const cost = useEstimate(session, purpose, style)
  if (onStop && empty) {
    return <IconButton label={t.composer.stop} hotkey="Esc" tone="primary" onClick={onStop} className="rounded-full"><Square className="fill-current" /></IconButton>
  }
  const price = cost === undefined ? '' : cost === 0 ? t.composer.free : usd(cost)
  return (
    <button type="submit" disabled={empty || blocked} title={t.composer.costHint} aria-label={price ? t.composer.sendCost(price) : t.composer.send} className="btn btn-accent flex-none rounded-full px-3.5">
      {price && <span className="text-caption font-medium">{price}</span>}
      <ArrowUp />
    </button>
  )
}

/** The references that go with the message. */
function Attached({ session, busy, onRemove }: { session: string; busy: number; onRemove: () => void }) {
  const t = useT()
  const draft = useDraft(session)
  if (draft.references.length === 0 && busy === 0) return null
  return (
    <div className="flex flex-wrap items-center gap-2 px-3 pt-3">
      <References session={session} onRemove={onRemove} />
      {Array.from({ length: busy }, (_, n) => <span key={n} role="status" aria-label={t.composer.uploading} className="making size-14 rounded-sm" />)}
    </div>
  )
}

/** Takes pictures that are dropped anywhere on the page, and shows that it would. */
function DropZone({ onFiles }: { onFiles: (files: File[]) => void }) {
  const t = useT()
  const [over, setOver] = useState(false)
  const latest = useRef(onFiles)
  useEffect(() => {
    latest.current = onFiles
  })
  useEffect(() => {
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files')
    const onOver = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      setOver(true)
    }
    const onLeave = (event: DragEvent) => event.relatedTarget === null && setOver(false)
    const onDrop = (event: DragEvent) => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      setOver(false)
      latest.current(filesIn(event.dataTransfer))
    }
    window.addEventListener('dragover', onOver)
    window.addEventListener('dragleave', onLeave)
    window.addEventListener('drop', onDrop)
    return () => {
      window.removeEventListener('dragover', onOver)
      window.removeEventListener('dragleave', onLeave)
      window.removeEventListener('drop', onDrop)
    }
  }, [])
  if (!over) return null
  return (
    <div className="pointer-events-none fixed inset-3 z-50 grid place-items-center rounded-xl border-2 border-dashed border-indigo bg-indigo-tint/90 text-title font-semibold text-indigo">
      {t.composer.drop}
    </div>
  )
}
