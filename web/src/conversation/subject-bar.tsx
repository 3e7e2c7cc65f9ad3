import { ImagePlus, X } from 'lucide-react'
import { contentUrl } from '../api/client.ts'
import { useT } from '../i18n/i18n.ts'
import { IconButton } from '../ui/kit.tsx'
import { useDraft, useDrafts } from './draft.ts'
import { lastAnswerOf } from './pictures.ts'
import { startsAnew, useSubject } from './subject.ts'

/** What the next message is about: the picture that it changes, or that something new is made. */
export function SubjectBar({ session, onDrop }: { session: string; onDrop?: () => void }) {
  const t = useT()
  const draft = useDraft(session)
  const subject = useSubject(session)
  const mode = useDrafts((s) => s.options.mode)
  if (subject) {
    return (
      <div className="flex items-center px-3 pt-3">
        <span className="flex min-w-0 items-center gap-2.5 rounded-md bg-indigo-tint py-1 pr-1 pl-1 text-caption font-medium text-indigo">
          <img src={contentUrl(subject.id, { w: 128 })} alt={subject.alt_text ?? ''} width={40} height={40} className="picture size-10 flex-none rounded-sm" />
          <span className="truncate">{mode === 'chat' ? t.loop.talking : t.loop.editing}</span>
          <IconButton label={t.loop.drop} small onClick={onDrop} className="flex-none text-indigo"><X /></IconButton>
        </span>
      </div>
    )
  }
  if (lastAnswerOf(session).length === 0 || mode === 'chat') return null
  const anew = startsAnew(draft) || mode === 'generate'
  return (
    <p className="flex items-center gap-2 px-4 pt-3 text-caption text-ink-2 [&_svg]:size-4 [&_svg]:flex-none">
      {anew && <ImagePlus aria-hidden />}
      {anew ? t.loop.anew : t.loop.pick}
    </p>
  )
}
