import { Download, Star, WandSparkles } from 'lucide-react'
import { clsx } from 'clsx'
import { useState } from 'react'
import { contentUrl } from '../api/client.ts'
import { useUpdateImage } from '../api/queries.ts'
import type { Picture } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { useAddress } from '../inspector/address.ts'
import { IconButton } from '../ui/kit.tsx'
import { useWide } from '../ui/wide.ts'
import { focusComposer } from './draft.ts'
import { loneWidth, pictureSizes, pictureWidths } from './measures.ts'
import { choose, select } from './subject.ts'

interface PictureCardProps {
  picture: Picture
  index: number
  of: number
  selected: boolean
  newest?: boolean | undefined
  sessionId: string
}

/** A picture in the thread: choosing it opens it in the inspector, its commonest actions lie on it. */
export function PictureCard({ picture, index, of, selected, newest, sessionId }: PictureCardProps) {
  const t = useT()
  const { open } = useAddress()
  const look = (view?: string) => {
    select(sessionId, picture)
    open({ img: picture.id, view })
  }
  return (
    <figure
      className="group relative overflow-hidden rounded-lg"
      style={of === 1 ? { maxWidth: loneWidth(picture) } : undefined}
    >
      <button type="button" onClick={() => look()} onDoubleClick={() => look('zoom')} aria-current={selected || undefined} className="block w-full cursor-zoom-in">
        <Shown picture={picture} newest={newest} of={of} alt={picture.alt_text || t.thread.picture(index + 1, of)} />
      </button>
      {/* Drawn inside: a message clips what lies outside of it. */}
      <span aria-hidden className={clsx('pointer-events-none absolute inset-0 rounded-lg ring-inset', selected ? 'ring-3 ring-indigo' : 'ring-1 ring-ink/8')} />
      <Actions picture={picture} sessionId={sessionId} />
    </figure>
  )
}

function Shown({ picture, newest, of, alt }: { picture: Picture; newest?: boolean; of: number; alt: string }) {
  const [loaded, setLoaded] = useState(false)
  return (
    <img
      src={contentUrl(picture.id, { w: 768 })}
      srcSet={pictureWidths.map((w) => `${contentUrl(picture.id, { w })} ${w}w`).join(', ')}
      sizes={pictureSizes(of)}
      alt={alt}
      width={picture.width}
      height={picture.height}
      decoding="async"
      // The newest is what a conversation opens on: it must not wait for the layout.
      loading={newest ? 'eager' : 'lazy'}
      fetchPriority={newest ? 'high' : 'auto'}
      onLoad={() => setLoaded(true)}
      // Those above appear softly as one scrolls up; the newest is there at once.
      className={clsx('picture h-auto w-full transition-opacity duration-300', !loaded && !newest && 'opacity-0')}
    />
  )
}

function Actions({ picture, sessionId }: { picture: Picture; sessionId: string }) {
  const t = useT()
  const update = useUpdateImage()
  const { open } = useAddress()
  const wide = useWide()
  const edit = () => {
    choose(sessionId, picture, true)
    // Beside the thread it is looked at too; a drawer would cover the field.
    open({ img: wide ? picture.id : undefined, view: undefined })
    focusComposer()
  }
  return (
    <figcaption className="absolute right-2 bottom-2 flex gap-0.5 rounded-md bg-raised/92 p-0.5 opacity-0 shadow-lift backdrop-blur-sm transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100">
      <IconButton label={t.inspector.edit} small onClick={edit}><WandSparkles /></IconButton>
      <IconButton
        label={picture.is_selected ? t.inspector.unstar : t.inspector.star}
        small
        aria-pressed={picture.is_selected}
        onClick={() => update.mutate({ id: picture.id, change: { is_selected: !picture.is_selected } })}
      >
        <Star />
      </IconButton>
      <a href={contentUrl(picture.id, { download: true })} download aria-label={t.inspector.download} title={t.inspector.download} className="btn btn-icon btn-ghost btn-sm"><Download /></a>
    </figcaption>
  )
}
