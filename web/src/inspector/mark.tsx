import { Undo2 } from 'lucide-react'
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { api, contentUrl, problemOf } from '../api/client.ts'
import { useModels } from '../api/queries.ts'
import type { Picture } from '../api/types.ts'
import { useDrafts } from '../conversation/draft.ts'
import { queueTurn } from '../conversation/outgoing.ts'
import { chosenModel, chosenSize } from '../conversation/pricing.ts'
import { useT } from '../i18n/i18n.ts'
import { useSendKey } from '../keys/send-key.ts'
import { useSettings } from '../settings/settings.ts'
import { Button, Dialog, IconButton } from '../ui/kit.tsx'
import { useKept } from '../ui/kept.ts'
import { Segmented } from '../ui/segmented.tsx'
import { drawMarks, nudged, rectFrom, type Mark } from './marks.ts'
import type { ToolProps } from './tool.ts'

type Tool = 'rect' | 'brush'

/** The longer side of the annotated copy that is sent, in px. */
const copySide = 1536

/** Marks where to change something. The model takes no mask: it gets a copy with the marks drawn in, and the server tells it what that is. */
export default function MarkDialog({ picture, session, onClose }: ToolProps) {
  const t = useT()
  const [tool, setTool] = useState<Tool>('rect')
  const [marks, setMarks, forgetMarks] = useKept<Mark[]>(`marks.${picture.id}`, [])
  const [wish, setWish, forgetWish] = useKept(`wish.${picture.id}`, '')
  const [missing, setMissing] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const sending = useSendMarked(picture, session.id, () => {
    forgetMarks()
    forgetWish()
    onClose()
  })
  const sendKey = useSettings((s) => s.sendKey)
  const send = () => {
    const words = field.current?.value.normalize('NFC').trim() ?? ''
    setMissing(words === '')
    if (words === '') field.current?.focus()
    else if (marks.length > 0) void sending.send(marks, words)
  }
  const keys = useSendKey(send, sendKey)
  return (
    <Dialog open onClose={onClose} title={t.mark.title} description={t.mark.hint} size="wide">
      <div className="grid gap-4 px-6 pt-4 pb-6">
        <div className="flex flex-wrap items-center gap-2">
          <div className="w-48">
            <Segmented<Tool> label={t.mark.title} labelHidden value={tool} onChange={setTool} options={[{ value: 'rect', label: t.mark.rect }, { value: 'brush', label: t.mark.brush }]} />
          </div>
          <IconButton label={t.mark.undo} disabled={marks.length === 0} onClick={() => setMarks(marks.slice(0, -1))} className="ml-auto"><Undo2 /></IconButton>
          <Button tone="ghost" disabled={marks.length === 0} onClick={() => setMarks([])}>{t.mark.clear}</Button>
        </div>
        <Easel picture={picture} tool={tool} marks={marks} onMarks={setMarks} />
        <div>
          <label className="label" htmlFor="mark-wish">{t.mark.what}</label>
          <textarea id="mark-wish" ref={field} rows={2} defaultValue={wish} maxLength={1500} placeholder={t.mark.placeholder} aria-invalid={missing} aria-describedby={missing ? 'mark-missing' : undefined} onInput={(event) => {
              setMissing(false)
              setWish(event.currentTarget.value)
            }} className="field field-sizing-content" {...keys} />
          {missing && <p id="mark-missing" role="alert" className="mt-1.5 text-caption text-gam">{t.mark.wishMissing}</p>}
        </div>
        {sending.problem && <p role="alert" className="text-caption text-gam">{sending.problem}</p>}
        <Button tone="accent" className="justify-self-end" disabled={marks.length === 0 || sending.busy} onClick={send}>{t.mark.send}</Button>
      </div>
    </Dialog>
  )
}

function useSendMarked(picture: Picture, sessionId: string, onDone: () => void) {
  const t = useT()
  const models = useModels()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const send = async (marks: readonly Mark[], wish: string) => {
    if (busy) return
    setBusy(true)
    setProblem('')
    try {
      const copy = await api.uploads.create(await annotated(picture, marks))
      const { options } = useDrafts.getState()
      queueTurn(
        sessionId,
        { kind: 'refine', content: wish, image_id: picture.id, reference_image_ids: [copy.id], reference_roles: ['marks'], image_size: chosenSize(chosenModel(models.data, options), options) },
        [copy],
      )
      onDone()
    } catch (error) {
      setProblem(problemOf(error).detail ?? t.composer.uploadFailed)
      setBusy(false)
    }
  }
  return { send, busy, problem }
}

/** A copy of the picture with the marks drawn in. */
async function annotated(picture: Picture, marks: readonly Mark[]): Promise<File> {
  const bitmap = await createImageBitmap(await api.images.content(picture.id))
  const scale = Math.min(1, copySide / Math.max(bitmap.width, bitmap.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(bitmap.width * scale)
  canvas.height = Math.round(bitmap.height * scale)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('the browser gives no canvas')
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  drawMarks(context, marks, canvas.width, canvas.height)
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.9))
  if (!blob) throw new Error('the browser could not encode the copy')
  return new File([blob], 'marked.jpg', { type: 'image/jpeg' })
}

interface EaselProps {
  picture: Picture
  tool: Tool
  marks: Mark[]
  onMarks: (marks: Mark[]) => void
}

function Easel({ picture, tool, marks, onMarks }: EaselProps) {
  const t = useT()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [open, setOpen] = useState<Mark>()
  const start = useRef<[number, number]>([0, 0])
  useEffect(() => {
    if (canvas.current) draw(canvas.current, open ? [...marks, open] : marks)
  })
  const at = (event: PointerEvent): [number, number] => {
    const box = event.currentTarget.getBoundingClientRect()
    return [clamp((event.clientX - box.left) / box.width), clamp((event.clientY - box.top) / box.height)]
  }
  const onDown = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    start.current = at(event)
    setOpen(tool === 'rect' ? rectFrom(start.current, start.current) : { kind: 'brush', size: 0.05, points: [start.current] })
  }
  const onMove = (event: PointerEvent) => {
    if (!open) return
    const point = at(event)
    setOpen(open.kind === 'rect' ? rectFrom(start.current, point) : { ...open, points: [...open.points, point] })
  }
  const onUp = () => {
    if (open && (open.kind === 'brush' || (open.width > 0.01 && open.height > 0.01))) onMarks([...marks, open])
    setOpen(undefined)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key]
    const last = marks.at(-1)
    if (step && last?.kind === 'rect') onMarks([...marks.slice(0, -1), nudged(last, step[0], step[1], event.shiftKey)])
    else if (step || event.key === 'Enter' || event.key === ' ') onMarks([...marks, { kind: 'rect', x: 0.35, y: 0.35, width: 0.3, height: 0.3 }])
    else return
    event.preventDefault()
  }
  return (
    <div className="relative mx-auto w-full overflow-hidden rounded-lg bg-stage" style={{ aspectRatio: picture.width / picture.height, maxWidth: `${(46 * picture.width) / picture.height}dvh` }}>
      <img src={contentUrl(picture.id, { w: 1536 })} alt="" width={picture.width} height={picture.height} draggable={false} className="size-full object-contain" />
      {/* Drawing is by pointer; keys place and move a box, which only an application role passes through. */}
      {/* oxlint-disable-next-line jsx-a11y/no-interactive-element-to-noninteractive-role */}
      <canvas ref={canvas} role="application" aria-label={t.mark.canvas} tabIndex={0} onPointerDown={onDown} onPointerMove={onMove} onPointerUp={onUp} onPointerCancel={onUp} onKeyDown={onKeyDown} className="absolute inset-0 size-full cursor-crosshair touch-none focus-visible:-outline-offset-2" />
    </div>
  )
}

const steps: Record<string, [number, number]> = { ArrowLeft: [-0.02, 0], ArrowRight: [0.02, 0], ArrowUp: [0, -0.02], ArrowDown: [0, 0.02] }

function clamp(value: number) {
  return Math.min(1, Math.max(0, value))
}

function draw(box: HTMLCanvasElement, marks: readonly Mark[]) {
  const context = box.getContext('2d')
  if (!context) return
  box.width = box.clientWidth * devicePixelRatio
  box.height = box.clientHeight * devicePixelRatio
  context.clearRect(0, 0, box.width, box.height)
  drawMarks(context, marks, box.width, box.height)
}
