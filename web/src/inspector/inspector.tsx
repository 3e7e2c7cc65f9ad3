import { Columns2, Crop, Download, Highlighter, Maximize2, RotateCcw, Star, WandSparkles } from 'lucide-react'
import { contentUrl } from '../api/client.ts'
import { keys, queryClient, useUpdateImage, type Conversation } from '../api/queries.ts'
import type { Picture, Session } from '../api/types.ts'
import { focusComposer, useDrafts } from '../conversation/draft.ts'
import { useT } from '../i18n/i18n.ts'
import { Button, IconButton } from '../ui/kit.tsx'
import { useAddress } from './address.ts'
import { Details } from './details.tsx'
import { VersionStrip } from './version-strip.tsx'

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
      <PrimaryActions picture={picture} pictures={pictures} session={session} onDone={onDone} />
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

/** What the person said that led to a picture; the prompt itself holds the brand and the format too. */
export function wordsFor(picture: Picture, sessionId: string): string {
  const messages = queryClient.getQueryData<Conversation>(keys.conversation(sessionId))?.messages ?? []
  const reply = messages.find((message) => message.role === 'assistant' && message.images.some((one) => one.id === picture.id))
  const said = reply && messages.find((message) => message.role === 'user' && message.turn_id === reply.turn_id)
  return said?.text_content || picture.alt_text || picture.prompt_used
}

/** Puts what a picture was made with back into the composer. */
export function reuse(picture: Picture, sessionId: string) {
  useDrafts.getState().change(sessionId, { text: wordsFor(picture, sessionId), editing: undefined })
  if (picture.model_used) useDrafts.getState().setOptions({ model: picture.model_used })
  focusComposer()
}

function PrimaryActions({ picture, pictures, session, onDone }: InspectorProps) {
  const t = useT()
  const open = useOpen()
  const update = useUpdateImage()
  const change = useDrafts((s) => s.change)
  const edit = () => {
    change(session.id, { editing: picture })
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
            reuse(picture, session.id)
            onDone?.()
          }}
        >
          <RotateCcw />
        </IconButton>
      </div>
    </div>
  )
}
