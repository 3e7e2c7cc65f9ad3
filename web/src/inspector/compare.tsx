import { ArrowLeftRight, WandSparkles } from 'lucide-react'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { contentUrl } from '../api/client.ts'
import type { Picture } from '../api/types.ts'
import { focusComposer } from '../conversation/draft.ts'
import { choose } from '../conversation/subject.ts'
import { useT } from '../i18n/i18n.ts'
import { useHotkeys } from '../keys/hotkeys.ts'
import { Button, Dialog, IconButton } from '../ui/kit.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { useAddress } from './address.ts'
import { shorten } from '../text/format.ts'
import type { ToolProps } from './tool.ts'
import { lineOf } from './versions.ts'

type Mode = 'slider' | 'side'

/** Two pictures of a conversation against each other. The other one is in the address; at first it is what this was made from. */
export function CompareDialog({ picture, pictures, session, onClose }: ToolProps) {
  const t = useT()
  const [params, setParams] = useSearchParams()
  const { open } = useAddress()
  const [mode, setMode] = useState<Mode>('slider')
  const other = pictures.find((one) => one.id === params.get('with')) ?? defaultOther(picture, pictures)
  const set = (left: string, right: string) => {
    const next = new URLSearchParams(params)
    next.set('img', right)
    next.set('with', left)
    setParams(next, { replace: true })
  }
  useHotkeys({ KeyX: () => other && set(picture.id, other.id) })
  const edit = (one: Picture) => {
    choose(session.id, one, true)
    open({ img: one.id, view: undefined, with: undefined })
    focusComposer()
  }
  return (
    <Dialog open onClose={onClose} title={t.compare.title} size="wide">
      {other ? (
        <div className="grid gap-4 px-6 pt-4 pb-6">
          <div className="flex flex-wrap items-end gap-3">
            <Pick label={t.compare.left} value={other.id} of={picture} pictures={pictures} onChange={(id) => set(id, picture.id)} />
            <IconButton label={t.compare.swap} hotkey="X" onClick={() => set(picture.id, other.id)}><ArrowLeftRight /></IconButton>
            <Pick label={t.compare.right} value={picture.id} of={picture} pictures={pictures} onChange={(id) => set(other.id, id)} />
            <div className="ml-auto w-60">
              <Segmented<Mode> label={t.compare.title} labelHidden value={mode} onChange={setMode} options={[{ value: 'slider', label: t.compare.slider }, { value: 'side', label: t.compare.side }]} />
            </div>
          </div>
          {mode === 'slider' ? <Slider left={other} right={picture} /> : <SideBySide left={other} right={picture} />}
          <div className="flex justify-between gap-2">
            <Button tone="line" onClick={() => edit(other)}><WandSparkles />{t.compare.useLeft}</Button>
            <Button tone="line" onClick={() => edit(picture)}><WandSparkles />{t.compare.useRight}</Button>
          </div>
        </div>
      ) : (
        <p className="px-6 pt-3 pb-8 text-ink-2">{t.compare.only}</p>
      )}
    </Dialog>
  )
}

function defaultOther(picture: Picture, pictures: readonly Picture[]) {
  const index = pictures.findIndex((one) => one.id === picture.id)
  return pictures.find((one) => one.id === picture.parent_image_id) ?? pictures[index - 1] ?? pictures[index + 1]
}

function Pick({ label, value, of, pictures, onChange }: { label: string; value: string; of: Picture; pictures: readonly Picture[]; onChange: (id: string) => void }) {
  const t = useT()
  const line = lineOf(pictures, of.id)
  const others = pictures.filter((one) => !line.includes(one))
  return (
    <label className="block">
      <span className="label">{label}</span>
      <select className="field w-44" value={value} onChange={(event) => onChange(event.target.value)}>
        <optgroup label={t.loop.thisLine}>
          {line.map((one, index) => <option key={one.id} value={one.id}>{t.inspector.version(index + 1)}</option>)}
        </optgroup>
        {others.length > 0 && (
          <optgroup label={t.loop.otherPictures}>
            {others.map((one) => <option key={one.id} value={one.id}>{nameOf(one, pictures)}</option>)}
          </optgroup>
        )}
      </select>
    </label>
  )
}

/** A picture of another line by what it shows, and its place among those that came with it. */
function nameOf(picture: Picture, pictures: readonly Picture[]) {
  const together = pictures.filter((one) => one.message_id === picture.message_id)
  const words = shorten(picture.alt_text || picture.prompt_used)
  return together.length > 1 ? `${words} ${together.indexOf(picture) + 1}/${together.length}` : words
}

/** Both in one frame; the divider is a real slider, so keys and screen readers move it too. */
function Slider({ left, right }: { left: Picture; right: Picture }) {
  const t = useT()
  const [at, setAt] = useState(50)
  return (
    <div className="relative mx-auto w-full overflow-hidden rounded-lg bg-stage select-none" style={{ aspectRatio: right.width / right.height, maxWidth: `${(58 * right.width) / right.height}dvh` }}>
      <Whole picture={right} />
      <div className="absolute inset-0" style={{ clipPath: `inset(0 ${100 - at}% 0 0)` }}><Whole picture={left} /></div>
      <span className="absolute top-3 left-3 rounded-full bg-raised/90 px-2.5 text-caption">{t.compare.left}</span>
      <span className="absolute top-3 right-3 rounded-full bg-raised/90 px-2.5 text-caption">{t.compare.right}</span>
      <div aria-hidden className="pointer-events-none absolute inset-y-0 w-0.5 -translate-x-1/2 bg-white shadow-float" style={{ left: `${at}%` }}>
        <span className="absolute top-1/2 left-1/2 grid size-10 -translate-1/2 place-items-center rounded-full bg-white text-black shadow-float"><ArrowLeftRight className="size-4.5" /></span>
      </div>
      <input type="range" aria-label={t.compare.handle} min={0} max={100} step={0.5} value={at} onChange={(event) => setAt(Number(event.target.value))} className="compare-range absolute inset-0 size-full" />
    </div>
  )
}

function SideBySide({ left, right }: { left: Picture; right: Picture }) {
  return (
    <div className="grid grid-cols-2 gap-3">
      {[left, right].map((one) => (
        <div key={one.id} className="h-[56dvh] overflow-hidden rounded-lg bg-stage"><Whole picture={one} /></div>
      ))}
    </div>
  )
}

function Whole({ picture }: { picture: Picture }) {
  return <img src={contentUrl(picture.id, { w: 2048 })} alt={picture.alt_text || picture.prompt_used || ''} width={picture.width} height={picture.height} draggable={false} className="size-full object-contain" />
}
