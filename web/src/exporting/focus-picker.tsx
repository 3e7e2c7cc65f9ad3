import { useRef, type CSSProperties, type KeyboardEvent, type PointerEvent } from 'react'
import { contentUrl } from '../api/client.ts'
import type { Picture } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { Button } from '../ui/kit.tsx'
import type { Focus } from './crop.ts'

const steps: Record<string, [number, number]> = { ArrowLeft: [-0.02, 0], ArrowRight: [0.02, 0], ArrowUp: [0, -0.02], ArrowDown: [0, 0.02] }

/** The point that every crop keeps in view: dragged on the picture, or moved by arrow keys. */
export function FocusPicker({ picture, focus, onFocus }: { picture: Picture; focus: Focus; onFocus: (focus: Focus) => void }) {
  const t = useT()
  const box = useRef<HTMLDivElement>(null)
  const set = (x: number, y: number) => onFocus({ x: Math.min(1, Math.max(0, x)), y: Math.min(1, Math.max(0, y)) })
  const follow = (event: PointerEvent) => {
    if (event.type === 'pointermove' && event.buttons === 0) return
    const area = box.current?.getBoundingClientRect()
    if (!area) return
    event.currentTarget.setPointerCapture(event.pointerId)
    set((event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key]
    if (!step) return
    event.preventDefault()
    set(focus.x + step[0], focus.y + step[1])
  }
  const percent = [Math.round(focus.x * 100), Math.round(focus.y * 100)] as const
  return (
    <div>
      <div ref={box} onPointerDown={follow} onPointerMove={follow} className="relative mx-auto max-w-[calc(26dvh*var(--ratio))] cursor-crosshair md:max-w-[calc(42dvh*var(--ratio))] touch-none overflow-hidden rounded-md select-none" style={{ aspectRatio: picture.width / picture.height, '--ratio': picture.width / picture.height } as CSSProperties}>
        <img src={contentUrl(picture.id, { w: 640 })} alt={picture.alt_text || picture.prompt_used || ''} width={picture.width} height={picture.height} draggable={false} className="size-full object-cover" />
        <button
          type="button"
          role="slider"
          aria-label={t.exporting.focus}
          aria-valuenow={percent[0]}
          aria-valuetext={t.exporting.focusValue(...percent)}
          onKeyDown={onKeyDown}
          style={{ left: `${focus.x * 100}%`, top: `${focus.y * 100}%` }}
          className="absolute size-7 -translate-1/2 cursor-grab rounded-full border-3 border-white bg-gam-fill shadow-float"
        />
      </div>
      <div className="mt-2 flex items-center justify-between text-caption text-ink-3">
        {t.exporting.focusValue(...percent)}
        <Button small tone="ghost" onClick={() => set(0.5, 0.5)}>{t.exporting.resetFocus}</Button>
      </div>
    </div>
  )
}
