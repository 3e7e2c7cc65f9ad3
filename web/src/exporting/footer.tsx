import type { ExportedPreview } from '@gemini-image-chat/client'
import { FileArchive } from 'lucide-react'
import { useState } from 'react'
import { api, problemOf } from '../api/client.ts'
import type { Picture } from '../api/types.ts'
import { useT } from '../i18n/i18n.ts'
import { useSettings } from '../settings/settings.ts'
import { count } from '../text/format.ts'
import { Button } from '../ui/kit.tsx'
import { toast } from '../ui/toast.tsx'
import { asRequest, useLastExport, type Making } from './choice.ts'
import { saveBlob } from './save.ts'

interface FooterProps {
  picture: Picture
  sessionId: string
  chosen: ReadonlySet<string>
  making: Making
  files: ReadonlyMap<string, ExportedPreview>
  all: readonly string[]
  onChosen: (chosen: ReadonlySet<string>) => void
}

/** What is chosen and what it weighs, and the button that saves it. */
export function Footer({ picture, sessionId, chosen, making, files, all, onChosen }: FooterProps) {
  const t = useT()
  const language = useSettings((s) => s.language)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const run = async () => {
    setBusy(true)
    setProblem('')
    try {
      const purposes = [...chosen]
      const zip = await api.exports.create(sessionId, { image_id: picture.id, purposes, ...asRequest(making, purposes) })
      saveBlob(zip, zip.name)
      useLastExport.getState().keep({ purposes, fit: making.fit, format: making.format })
      toast(t.exporting.done(chosen.size))
    } catch (error) {
      setProblem(problemOf(error).detail ?? t.failure.network)
    } finally {
      setBusy(false)
    }
  }
  const known = [...chosen].flatMap((id) => files.get(id) ?? [])
  const impossible = known.filter((one) => one.error)
  const whole = known.length === chosen.size && chosen.size > 0 && impossible.length === 0
  const weight = whole ? ` · ${t.exporting.together(t.exporting.bytes(count(known.reduce((sum, one) => sum + (one.bytes ?? 0), 0), language)))}` : ''
  const every = chosen.size >= all.length
  return (
    <div className="sticky bottom-0 z-10 mt-5 flex flex-wrap items-center gap-3 border-t border-line bg-raised px-6 py-4">
      <span className="text-ink-2" role="status">{t.exporting.chosen(chosen.size)}{weight}</span>
      <Button small tone="ghost" onClick={() => onChosen(new Set(every ? [] : all))}>{every ? t.exporting.clear : t.exporting.all}</Button>
      {impossible.length > 0 && (
        <p role="alert" className="flex items-center gap-2 text-caption text-gam">
          {t.exporting.impossible(impossible.length)}
          <Button small onClick={() => onChosen(new Set([...chosen].filter((id) => !files.get(id)?.error)))}>{t.exporting.leaveOut}</Button>
        </p>
      )}
      {problem && <p role="alert" className="text-caption text-gam">{problem}</p>}
      <Button tone="accent" className="ml-auto" disabled={busy || chosen.size === 0 || impossible.length > 0} onClick={() => void run()}><FileArchive />{busy ? t.exporting.zipBusy : t.exporting.zip}</Button>
    </div>
  )
}
