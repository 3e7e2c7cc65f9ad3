import { ArrowLeft } from 'lucide-react'
import { api } from '../api/client.ts'
import { useT } from '../i18n/i18n.ts'
import { Button } from '../ui/kit.tsx'
import { asQuery } from './choice.ts'
import type { Focus } from './crop.ts'
import { Drawing } from './drawing.tsx'
import { FocusPicker } from './focus-picker.tsx'
import { PurposeNotes, SafeArea } from './notes.tsx'
import { RemakeButton, Remarks, SaveOne, Weight, type PlacementProps } from './placement.tsx'

interface CloseupProps extends PlacementProps {
  found: Focus | undefined
  /** Sets the focus of this placement alone; undefined gives it that of all again. */
  onFocus: (focus: Focus | undefined) => void
  onBack: () => void
}

/** One placement, large: the very file that will be saved, with what its app covers, and a focus of its own. */
export function Closeup({ found, onFocus, onBack, ...props }: CloseupProps) {
  const t = useT()
  const { purpose, picture, making, file, chosen, onToggle } = props
  const own = making.focuses[purpose.id]
  const shared = making.focus ?? found
  return (
    <section aria-label={purpose.name} className="px-6 pt-4">
      <div className="flex flex-wrap items-center gap-2">
        <Button small tone="ghost" onClick={onBack} className="-ml-3"><ArrowLeft />{t.exporting.allPlacements}</Button>
        <h3 className="text-lead font-semibold">{purpose.name}</h3>
        <span className="text-ink-3">{purpose.width}×{purpose.height}</span>
      </div>
      <div className="grid gap-6 pt-3 md:grid-cols-[1fr_18rem]">
        <div className="grid min-h-64 place-items-center rounded-lg bg-sunken p-3">
          {file && !file.error ? (
            <span className="relative block max-w-full" style={{ aspectRatio: `${purpose.width} / ${purpose.height}`, width: `min(100%, ${purpose.width}px, ${((56 * purpose.width) / purpose.height).toFixed(1)}dvh)` }}>
              <img key={file.sha256} src={api.images.exportUrl(picture.id, asQuery(making, purpose.id))} alt={t.exporting.fileOf(purpose.name)} width={purpose.width} height={purpose.height} className="size-full" />
              <SafeArea purpose={purpose} />
            </span>
          ) : (
            <Drawing {...props} box={{ width: 640, height: 440 }} from={1280} />
          )}
        </div>
        <div className="min-w-0 space-y-4">
          <div>
            <FocusPicker picture={picture} label={t.exporting.focusOf(purpose.name)} focus={own} found={shared} onFocus={onFocus} leave={t.exporting.sharedFocus} hint={t.exporting.ownHint} />
          </div>
          <p className="flex flex-col"><Weight purpose={purpose} file={file} /><Remarks {...props} /></p>
          <PurposeNotes purpose={purpose} />
          <div className="flex flex-wrap items-center gap-2">
            <Button small tone={chosen ? 'soft' : 'accent'} aria-pressed={chosen} onClick={onToggle}>{chosen ? t.exporting.leaveOne : t.exporting.chooseOne}</Button>
            <RemakeButton {...props} />
            <SaveOne {...props} />
          </div>
        </div>
      </div>
    </section>
  )
}
