import { ChevronLeft, ChevronRight, Columns2, Download, Minus, Plus, Star, X } from 'lucide-react'
import { useEffect, useRef, useState, type RefObject } from 'react'
import { contentUrl } from '../api/client.ts'
import { useUpdateImage } from '../api/queries.ts'
import { useT } from '../i18n/i18n.ts'
import { useHotkeys } from '../keys/hotkeys.ts'
import { Dialog, IconButton } from '../ui/kit.tsx'
import { useOpen } from './inspector.tsx'
import { reuse } from './reuse.ts'
import type { ToolProps } from './tool.ts'
import { fitted, kept, zoomAt, type View } from './zoom-math.ts'

/** The picture in the whole window: wheel and pinch zoom to the cursor, drag pans, keys do all of it. */
export function ZoomDialog({ picture, pictures, session, onClose }: ToolProps) {
  const t = useT()
  const open = useOpen()
  const update = useUpdateImage()
  const stage = useRef<HTMLDivElement>(null)
  const [view, setView] = useState<View>(fitted)
  const index = pictures.findIndex((one) => one.id === picture.id)
  const go = (step: number) => {
    const next = pictures[index + step]
    if (!next) return
    setView(fitted)
    open(next.id, 'zoom')
  }
  const zoom = (factor: number) => setView((known) => kept(zoomAt(known, factor, { x: 0, y: 0 }), sizeOf(stage)))
  const star = () => update.mutate({ id: picture.id, change: { is_selected: !picture.is_selected } })
  const download = () => document.querySelector<HTMLAnchorElement>('[data-download]')?.click()
  const pan = (x: number, y: number) => setView((known) => kept({ ...known, x: known.x + x, y: known.y + y }, sizeOf(stage)))
  useHotkeys({
    ArrowLeft: () => (view.scale > 1 ? pan(80, 0) : go(-1)), ArrowRight: () => (view.scale > 1 ? pan(-80, 0) : go(1)),
    ArrowUp: () => pan(0, 80), ArrowDown: () => pan(0, -80),
    Equal: () => zoom(1.4), 'Shift+Equal': () => zoom(1.4), NumpadAdd: () => zoom(1.4), Minus: () => zoom(1 / 1.4), NumpadSubtract: () => zoom(1 / 1.4), Digit0: () => setView(fitted),
    KeyS: star, KeyD: download, KeyC: () => pictures.length > 1 && open(picture.id, 'compare'),
    KeyR: () => {
      void reuse(picture, session)
      onClose()
    },
  })
  return (
    <Dialog open onClose={onClose} title={t.zoom.title} titleHidden size="full">
      <Stage stageRef={stage} picture={picture} view={view} onView={setView} />
      <div className="absolute inset-x-0 top-0 flex items-center justify-between p-3">
        <span className="rounded-full bg-raised/90 px-3 py-1 text-caption text-ink-2">{t.zoom.of(index + 1, pictures.length)} · {picture.width}×{picture.height}</span>
        <div className="flex gap-0.5 rounded-md bg-raised/90 p-0.5 shadow-lift">
          <IconButton label={picture.is_selected ? t.inspector.unstar : t.inspector.star} hotkey="S" small aria-pressed={picture.is_selected} onClick={star}><Star /></IconButton>
          <IconButton label={t.inspector.compare} hotkey="C" small disabled={pictures.length < 2} onClick={() => open(picture.id, 'compare')}><Columns2 /></IconButton>
          <a data-download href={contentUrl(picture.id, { download: true })} download aria-label={t.inspector.download} title={t.inspector.download} className="btn btn-icon btn-ghost btn-sm"><Download /></a>
          <IconButton label={t.common.close} hotkey="Esc" small onClick={onClose}><X /></IconButton>
        </div>
      </div>
      <IconButton label={t.zoom.previous} tone="soft" disabled={index <= 0} onClick={() => go(-1)} className="absolute top-1/2 left-3 -translate-y-1/2 rounded-full bg-raised/90"><ChevronLeft /></IconButton>
      <IconButton label={t.zoom.next} tone="soft" disabled={index >= pictures.length - 1} onClick={() => go(1)} className="absolute top-1/2 right-3 -translate-y-1/2 rounded-full bg-raised/90"><ChevronRight /></IconButton>
      <div className="absolute inset-x-0 bottom-4 mx-auto flex w-fit items-center gap-0.5 rounded-full bg-raised/90 p-1 shadow-lift">
        <IconButton label={t.zoom.out} hotkey="−" small onClick={() => zoom(1 / 1.4)}><Minus /></IconButton>
        <button type="button" aria-label={t.zoom.reset} onClick={() => setView(fitted)} className="min-w-16 rounded-full text-center text-caption">{t.zoom.level(Math.round(view.scale * 100))}</button>
        <IconButton label={t.zoom.in} hotkey="+" small onClick={() => zoom(1.4)}><Plus /></IconButton>
      </div>
    </Dialog>
  )
}

function sizeOf(stage: RefObject<HTMLDivElement | null>) {
  const box = stage.current
  return { width: box?.clientWidth ?? 0, height: box?.clientHeight ?? 0 }
}

interface StageProps {
  stageRef: RefObject<HTMLDivElement | null>
  picture: ToolProps['picture']
  view: View
  onView: (change: (known: View) => View) => void
}

function Stage({ stageRef, picture, view, onView }: StageProps) {
  useGestures(stageRef, onView)
  return (
    <div ref={stageRef} className="absolute inset-0 touch-none overflow-hidden select-none" onDoubleClick={(event) => onView((known) => (known.scale > 1 ? fitted : zoomAt(known, 3, fromMiddle(stageRef, event.clientX, event.clientY))))}>
      <img
        key={picture.id}
        src={contentUrl(picture.id)}
        alt={picture.alt_text || picture.prompt_used || ''}
        width={picture.width}
        height={picture.height}
        draggable={false}
        className={`size-full object-contain p-4 md:p-12 ${view.scale > 1 ? 'cursor-grab' : 'cursor-zoom-in'}`}
        style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}
      />
    </div>
  )
}

function fromMiddle(stage: RefObject<HTMLDivElement | null>, clientX: number, clientY: number) {
  const box = stage.current?.getBoundingClientRect()
  return box ? { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 } : { x: 0, y: 0 }
}

/** Wheel, drag and pinch. Registered by hand, because React's wheel listeners cannot prevent the page's own zoom. */
function useGestures(stage: RefObject<HTMLDivElement | null>, onView: StageProps['onView']) {
  const latest = useRef(onView)
  useEffect(() => {
    latest.current = onView
  })
  useEffect(() => {
    const box = stage.current
    if (!box) return
    const pointers = new Map<string, PointerEvent>()
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      latest.current((known) => kept(zoomAt(known, Math.exp(-event.deltaY / 300), fromMiddle(stage, event.clientX, event.clientY)), sizeOf(stage)))
    }
    const onDown = (event: PointerEvent) => {
      pointers.set(String(event.pointerId), event)
      box.setPointerCapture(event.pointerId)
    }
    const onMove = (event: PointerEvent) => {
      const before = pointers.get(String(event.pointerId))
      if (!before) return
      const other = [...pointers.values()].find((one) => one.pointerId !== event.pointerId)
      pointers.set(String(event.pointerId), event)
      latest.current((known) => {
        if (!other) return kept({ ...known, x: known.x + event.clientX - before.clientX, y: known.y + event.clientY - before.clientY }, sizeOf(stage))
        const factor = Math.hypot(event.clientX - other.clientX, event.clientY - other.clientY) / Math.hypot(before.clientX - other.clientX, before.clientY - other.clientY)
        return kept(zoomAt(known, factor, fromMiddle(stage, (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2)), sizeOf(stage))
      })
    }
    const onUp = (event: PointerEvent) => pointers.delete(String(event.pointerId))
    box.addEventListener('wheel', onWheel, { passive: false })
    box.addEventListener('pointerdown', onDown)
    box.addEventListener('pointermove', onMove)
    box.addEventListener('pointerup', onUp)
    box.addEventListener('pointercancel', onUp)
    return () => {
      box.removeEventListener('wheel', onWheel)
      box.removeEventListener('pointerdown', onDown)
      box.removeEventListener('pointermove', onMove)
      box.removeEventListener('pointerup', onUp)
      box.removeEventListener('pointercancel', onUp)
    }
  }, [stage])
}
