import { useRef, type CSSProperties, type KeyboardEvent, type PointerEvent } from 'react'
import { contentUrl } from '../api/client.ts'
import type { Picture } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { Button } from '../ui/kit.tsx'
import { centre, type Focus } from './crop.ts'

const steps: Record<string, [number, number]> = { ArrowLeft: [-0.02, 0], ArrowRight: [0.02, 0], ArrowUp: [0, -0.02], ArrowDown: [0, 0.02] }

/** Within the picture, to a thousandth: what is shown, asked for and exported is one and the same number. */
const place = (v: number) => Math.round(Math.min(1, Math.max(0, v)) * 1000) / 1000

interface FocusPickerProps {
  picture: Picture
  /** Where the person set it; without that each placement has what the server finds. */
  focus: Focus | undefined
  found: Focus | undefined
  onFocus: (focus: Focus | undefined) => void
  /** The name of the point. */
  label: string
  /** The button that gives up the point that was set, and what holds without one. */
  leave: string
  hint: string
}

/** The point that every crop keeps in view: found by the server, dragged on the picture, or moved by arrow keys. */
export function FocusPicker({ picture, focus, found, onFocus, label, leave, hint }: FocusPickerProps) {
  const t = useT()
  const box = useRef<HTMLDivElement>(null)
  const at = focus ?? found ?? centre
  const set = (x: number, y: number) => onFocus({ x: place(x), y: place(y) })
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
    set(at.x + step[0], at.y + step[1])
  }
  const percent = [Math.round(at.x * 100), Math.round(at.y * 100)] as const
  return (
    <div>
      <div ref={box} onPointerDown={follow} onPointerMove={follow} className="relative mx-auto max-w-[calc(26dvh*var(--ratio))] cursor-crosshair md:max-w-[calc(42dvh*var(--ratio))] touch-none select-none" style={{ aspectRatio: picture.width / picture.height, '--ratio': picture.width / picture.height } as CSSProperties}>
        <img src={contentUrl(picture.id, { w: 640 })} alt={picture.alt_text || picture.prompt_used || ''} width={picture.width} height={picture.height} draggable={false} className="size-full rounded-md object-cover" />
        <button
          type="button"
          role="slider"
          aria-label={label}
          aria-valuenow={percent[0]}
          aria-valuetext={t.exporting.focusValue(...percent)}
          onKeyDown={onKeyDown}
          style={{ left: `${at.x * 100}%`, top: `${at.y * 100}%` }}
          className="absolute size-7 -translate-1/2 cursor-grab rounded-full border-3 border-white bg-gam-fill shadow-float"
        />
      </div>
      <p className="mt-2 text-caption text-ink-3">{focus ? t.exporting.focusValue(...percent) : hint}</p>
      <div role="group" aria-label={label} className="mt-1.5 flex gap-1.5">
        <Button small aria-pressed={!focus} className="aria-pressed:bg-indigo-tint aria-pressed:text-indigo" onClick={() => onFocus(undefined)}>{leave}</Button>
        <Button small aria-pressed={focus?.x === 0.5 && focus.y === 0.5} className="aria-pressed:bg-indigo-tint aria-pressed:text-indigo" onClick={() => onFocus(centre)}>{t.exporting.centreFocus}</Button>
      </div>
    </div>
  )
}
