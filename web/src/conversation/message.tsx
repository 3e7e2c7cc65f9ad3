import { Pencil, RotateCw } from 'lucide-react'
import { contentUrl } from '../api/client.ts'
import type { Message, Picture, Session } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { seconds } from '../text/format.ts'
import { editSaid } from '../inspector/reuse.ts'
import { Button, IconButton } from '../ui/kit.tsx'
import { toast } from '../ui/toast.tsx'
import { useDrafts } from './draft.ts'
import { calmDetail, Failure, ModelsWords } from './failure.tsx'
import { deliver, useOutgoing, type Outgoing } from './outgoing.ts'
import { PictureCard } from './picture-card.tsx'
import { Prose } from './prose.tsx'
import { draftOf } from './references.tsx'

/** What the person said. */
export function UserMessage({ message, session }: { message: Message; session: Session }) {
  const t = useT()
  const edit = () => {
    editSaid(message, session).catch(() => toast(t.common.loadFailed))
  }
  return (
    <Said
      text={message.text_content ?? ''}
      references={message.reference_images ?? []}
      action={<IconButton label={t.loop.editSaid} small onClick={edit} className="flex-none text-ink-3 opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100"><Pencil /></IconButton>}
    />
  )
}

function Said({ text, references, action, children }: { text: string; references: readonly Picture[]; action?: React.ReactNode; children?: React.ReactNode }) {
  const t = useT()
  return (
    <article className="message group flex flex-col items-end gap-2" aria-label={t.thread.you}>
      {references.length > 0 && (
        <div className="flex flex-wrap justify-end gap-2">
          {references.map((one, index) => (
            <img key={one.id} src={contentUrl(one.id, { w: 320 })} alt={one.alt_text || t.composer.reference(index + 1)} width={96} height={96} loading="lazy" decoding="async" className="picture size-24 rounded-md border border-line" />
          ))}
        </div>
      )}
      <div className="flex max-w-[min(37rem,100%)] items-center justify-end gap-1">
        {action}
        <div className="min-w-0 rounded-xl rounded-br-xs bg-sunken px-4 py-2.5 whitespace-pre-wrap">{text}</div>
      </div>
      {children}
    </article>
  )
}

/** A message that the server has not confirmed yet; when it could not be sent, it waits here with all it holds. */
export function OutgoingMessage({ item, session }: { item: Outgoing; session: Session }) {
  const t = useT()
  const remove = useOutgoing((s) => s.remove)
  const change = useDrafts((s) => s.change)
  const giveBack = () => {
    change(item.sessionId, draftOf(item.request, item.references))
    remove(item.key)
  }
  const { problem } = item
  if (item.state === 'unsent' && problem && problem.code !== 'network') {
    return (
      <>
        <Said text={item.request.content} references={item.references} />
        <div role="alert">
          <Failure problem={problem} at={item.failedAt ?? Date.parse(item.createdAt)} session={session} text={item.request.content} refused={{ resend: () => deliver(item), takeBack: giveBack }} />
        </div>
      </>
    )
  }
  return (
    <Said text={item.request.content} references={item.references}>
      {item.state === 'sending' && <p className="text-caption text-ink-3">{t.thread.sending}</p>}
      {item.state === 'unsent' && (
        <div role="alert" className="flex flex-wrap items-center justify-end gap-2 text-caption text-gam">
          {`${t.thread.unsent} · ${t.composer.offlineQueued}`}
          <Button small tone="danger" onClick={() => void deliver(item)}><RotateCw />{t.thread.resend}</Button>
          <Button small tone="ghost" onClick={giveBack}>{t.failure.rephrase}</Button>
        </div>
      )}
    </Said>
  )
}

/** What came back: words, pictures, or both; pictures first. */
export function AssistantMessage({ message, selected, newest, sessionId }: { message: Message; selected?: string; newest?: boolean; sessionId: string }) {
  const t = useT()
  const pictures = message.images ?? []
  const took = seconds(message.generation_time_ms ?? 0)
  return (
    <article className="message flex flex-col gap-3" aria-label={t.thread.assistant}>
      {pictures.length > 0 && <Pictures pictures={pictures} selected={selected} newest={newest} sessionId={sessionId} />}
      {message.text_content && <Prose text={message.text_content} />}
      {message.error && <p className="text-caption text-gam">{calmDetail(message.error)}</p>}
      {message.error && <ModelsWords problem={message.error} />}
      {pictures.length > 0 && took >= 1 && <p className="text-caption text-ink-3">{t.thread.took(t.stage.elapsed(took))}</p>}
    </article>
  )
}

function Pictures({ pictures, selected, newest, sessionId }: { pictures: readonly Picture[]; selected?: string; newest?: boolean; sessionId: string }) {
  const wide = pictures.length > 1 && pictures.every((one) => one.width / one.height > 2)
  const columns = pictures.length === 1 || wide ? 'grid-cols-1' : 'grid-cols-2'
  return (
    <div className={`grid gap-3 ${columns}`}>
      {pictures.map((one, index) => (
        <PictureCard key={one.id} picture={one} index={index} of={pictures.length} selected={one.id === selected} newest={newest} sessionId={sessionId} />
      ))}
    </div>
  )
}
