import { downloadZip } from 'client-zip'
import { api } from '../api/client.ts'
import type { Picture } from '../api/types.ts'

/** A file name that says when, what and how large; numbered, so that no two are the same. */
export function nameOf(picture: Picture, index: number) {
  const words = (picture.alt_text || picture.prompt_used).normalize('NFC').replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '')
  const short = [...words].slice(0, 40).join('')
  return `${String(index + 1).padStart(3, '0')}-${short || 'image'}-${picture.width}x${picture.height}.${picture.format === 'jpeg' ? 'jpg' : picture.format}`
}

/** The pictures' exact bytes in one ZIP, fetched one after the other. */
export async function zipPictures(pictures: readonly Picture[], onPacked: (done: number) => void): Promise<Blob> {
  async function* files() {
    for (const [index, picture] of pictures.entries()) {
      const input = await api.images.content(picture.id)
      onPacked(index + 1)
      yield { name: nameOf(picture, index), lastModified: new Date(picture.created_at), input }
    }
  }
  return downloadZip(files()).blob()
}
