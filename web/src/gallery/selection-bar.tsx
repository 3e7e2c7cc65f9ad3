import { Columns2, FileArchive, ImagePlus, Star, Trash2, X } from 'lucide-react'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { api } from '../api/client.ts'
import { keys, queryClient, useUpdateImage } from '../api/queries.ts'
import type { Picture } from '../api/types.ts'
import { addReferences, newDraft } from '../conversation/draft.ts'
import { saveBlob } from '../exporting/save.ts'
import { deleteLater } from '../shell/pending.ts'
import { useT } from '../i18n/i18n.ts'
import { today } from '../text/format.ts'
import { Button, IconButton } from '../ui/kit.tsx'
import { toast } from '../ui/toast.tsx'

/** What can be done with the chosen pictures. */
export function SelectionBar({ pictures, onDone }: { pictures: readonly Picture[]; onDone: () => void }) {
  const t = useT()
  const navigate = useNavigate()
  const update = useUpdateImage()
  const [packed, setPacked] = useState(-1)
  const [first, second] = pictures
  const comparable = pictures.length === 2 && first?.session_id === second?.session_id
  const zip = async () => {
    setPacked(0)
    try {
      const { zipPictures } = await import('./zip.ts')
      saveBlob(await zipPictures(pictures, setPacked), `imagechat-${today()}.zip`)
    } catch {
      toast(t.gallery.zipFailed)
    } finally {
      setPacked(-1)
    }
  }
  const refer = () => {
    addReferences(newDraft, pictures)
    void navigate('/')
  }
  const remove = () => {
    const ids = pictures.map((one) => one.id)
    deleteLater(ids, t.gallery.deleted(ids.length), async (keepalive) => {
      await Promise.all(ids.map((id) => api.images.delete(id, { keepalive })))
      void queryClient.invalidateQueries({ queryKey: keys.images })
      void queryClient.invalidateQueries({ queryKey: ['conversation'] })
    })
    onDone()
  }
  return (
    <div role="toolbar" aria-label={t.gallery.selected(pictures.length)} className="fade-in fixed inset-x-0 bottom-4 z-20 mx-auto flex w-fit max-w-[calc(100vw-1rem)] items-center gap-1 rounded-lg border border-line bg-raised p-1.5 shadow-float md:left-72">
      <span role="status" className="px-3 text-caption font-medium whitespace-nowrap">{packed >= 0 ? t.gallery.zipping(packed, pictures.length) : t.gallery.selected(pictures.length)}</span>
      <IconButton label={t.gallery.star} onClick={() => pictures.forEach((one) => update.mutate({ id: one.id, change: { is_selected: true } }))}><Star /></IconButton>
      <IconButton label={comparable ? t.gallery.compare : t.gallery.compareTwo} disabled={!comparable} onClick={() => void navigate(`/c/${first?.session_id}?img=${first?.id}&with=${second?.id}&view=compare`)}><Columns2 /></IconButton>
      <IconButton label={t.inspector.asReference} onClick={refer}><ImagePlus /></IconButton>
      <IconButton label={t.common.delete} onClick={remove}><Trash2 /></IconButton>
      <Button tone="accent" disabled={packed >= 0} onClick={() => void zip()}><FileArchive />{t.gallery.zip}</Button>
      <IconButton label={t.gallery.clearSelection} onClick={onDone}><X /></IconButton>
    </div>
  )
}
