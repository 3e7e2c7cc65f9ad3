import type { ExportedPreview } from '@gemini-image-chat/client'
import { contentUrl } from '../api/client.ts'
import type { Picture, Purpose } from '../api/types.ts'
import { focusOf, type Making } from './choice.ts'
import { cropWindow, type Focus } from './crop.ts'
import { SafeArea } from './notes.tsx'

interface DrawingProps {
  purpose: Purpose
  picture: Picture
  making: Making
  /** Where the crop is drawn around until the server has told. */
  guess: Focus
  file: ExportedPreview | undefined
  /** The box that it fits into, in px. */
  box: { width: number; height: number }
  /** How large a copy of the picture is drawn from. */
  from?: number
}

/** What a placement shows of the picture, to scale, with what its app covers. */
export function Drawing({ purpose, picture, making, guess, file, box, from = 640 }: DrawingProps) {
  const scale = Math.min(box.width / purpose.width, box.height / purpose.height, 1)
  const width = Math.max(12, purpose.width * scale)
  const height = Math.max(12, purpose.height * scale)
  const window = file?.crop ?? cropWindow(picture, purpose, focusOf(making, purpose.id) ?? guess)
  const fits = making.fit === 'contain'
  return (
    <span className="relative block max-w-full overflow-hidden rounded-xs bg-sunken" style={{ width, aspectRatio: `${width} / ${height}` }}>
      <img
        src={contentUrl(picture.id, { w: from })}
        alt=""
        className={fits ? 'absolute inset-0 size-full object-contain' : 'absolute max-w-none'}
        style={fits ? undefined : { width: `${100 / window.width}%`, height: `${100 / window.height}%`, left: `${(-window.x * 100) / window.width}%`, top: `${(-window.y * 100) / window.height}%` }}
      />
      <SafeArea purpose={purpose} />
    </span>
  )
}
