import { Columns2, Crop, Download, Highlighter, Maximize2, RotateCcw, Star, WandSparkles } from 'lucide-react'
import { contentUrl } from '../api/client.ts'
import { useUpdateImage } from '../api/queries.ts'
import type { Picture, Session } from '../api/types.ts'
import { focusComposer } from '../conversation/draft.ts'
import { choose } from '../conversation/subject.ts'
import { useT } from '../i18n/i18n.ts'
import { Button, IconButton } from '../ui/kit.tsx'
import { useAddress } from './address.ts'
import { Again } from './again.tsx'
import { Details } from './details.tsx'
import { reuse, wordsFor } from './reuse.ts'
import { VersionStrip } from './version-strip.tsx'
import { newestFrom } from './versions.ts'

interface InspectorProps {
  picture: Picture
  pictures: readonly Picture[]
  session: Session
  /** Called when an action goes on elsewhere, so that a drawer can make way. */
  onDone?: () => void
}

/** Everything about one picture, and everything that one can do with it. */
export function Inspector({ picture, pictures, session, onDone }: InspectorProps) {
  const t = useT()
  const open = useOpen()
  const ratio = picture.width / picture.height
  return (
    <div className="flex flex-col gap-5 p-5">
      <button type="button" aria-label={t.inspector.zoom} onClick={() => open(picture.id, 'zoom')} className="grid max-h-[46dvh] cursor-zoom-in place-items-center overflow-hidden rounded-lg bg-stage">
        <img
          key={picture.id}
          src={contentUrl(picture.id, { w: 1024 })}
          alt={picture.alt_text || picture.prompt_used || t.thread.picture(1, 1)}
          width={picture.width}
          height={picture.height}
          decoding="async"
          className="fade-in max-h-[46dvh] w-full object-contain"
          style={{ aspectRatio: ratio }}
        />
      </button>
      <Newer picture={picture} pictures={pictures} session={session} onOpen={(id) => open(id)} />
      <PrimaryActions picture={picture} pictures={pictures} session={session} onDone={onDone} />
      <Again picture={picture} session={session} onDone={onDone} />
      <VersionStrip picture={picture} pictures={pictures} onChoose={(id) => open(id)} />
      <Details key={picture.id} picture={picture} session={session} said={wordsFor(picture, session.id)} />
    </div>
  )
}

/** Opens a picture of the conversation by its address, in a tool if one is named. */
export function useOpen() {
  const { open } = useAddress()
  return (id: string, view?: string, other?: string) => open({ img: id, view, with: other })
}

/** Says that the picture is not the newest of its line, and leads there. */
function Newer({ picture, pictures, session, onOpen }: { picture: Picture; pictures: readonly Picture[]; session: Session; onOpen: (id: string) => void }) {
  const t = useT()
  const newer = newestFrom(pictures, picture.id)
  if (!newer) return null
  return (
    <button
      type="button"
      onClick={() => {
        choose(session.id, newer)
        onOpen(newer.id)
      }}
      className="-mt-2 flex items-center gap-2.5 rounded-md bg-indigo-tint p-1 pr-3 text-left text-caption font-medium text-indigo"
    >
      <img src={contentUrl(newer.id, { w: 128 })} alt="" width={40} height={40} className="picture size-10 rounded-sm" />
      {t.loop.newer}
    </button>
  )
}

function PrimaryActions({ picture, pictures, session, onDone }: InspectorProps) {
  const t = useT()
  const open = useOpen()
  const update = useUpdateImage()
  const edit = () => {
    choose(session.id, picture, true)
    onDone?.()
    focusComposer()
  }
  return (
    <div className="flex flex-col gap-2">
      <div className="flex gap-2">
        <Button tone="primary" className="flex-1" onClick={edit}><WandSparkles />{t.inspector.edit}</Button>
        <Button tone="line" onClick={() => open(picture.id, 'export')}><Crop />{t.inspector.exportAs}</Button>
      </div>
      <div className="flex justify-between">
        <IconButton label={t.inspector.zoom} onClick={() => open(picture.id, 'zoom')}><Maximize2 /></IconButton>
        <IconButton label={t.inspector.compare} hotkey="C" disabled={pictures.length < 2} onClick={() => open(picture.id, 'compare')}><Columns2 /></IconButton>
        <IconButton label={t.inspector.mark} onClick={() => open(picture.id, 'mark')}><Highlighter /></IconButton>
        <IconButton
          label={picture.is_selected ? t.inspector.unstar : t.inspector.star}
          aria-pressed={picture.is_selected}
          onClick={() => update.mutate({ id: picture.id, change: { is_selected: !picture.is_selected } })}
        >
          <Star />
        </IconButton>
        <a href={contentUrl(picture.id, { download: true })} download aria-label={t.inspector.download} title={t.inspector.download} className="btn btn-icon btn-ghost"><Download /></a>
        <IconButton
          label={t.inspector.reuse}
          onClick={() => {
            void reuse(picture, session)
            onDone?.()
          }}
        >
          <RotateCcw />
        </IconButton>
      </div>
    </div>
  )
}
