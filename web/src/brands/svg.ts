/** How long the longer side of a drawing becomes: enough for any placement's logo. */
const side = 1024

export const isSvg = (file: File) => file.type === 'image/svg+xml' || /\.svg$/i.test(file.name)

/** Draws an SVG as a PNG with its clear background, since pictures are sent on as pixels. Throws when it cannot be drawn. */
export async function svgToPng(file: File): Promise<File> {
  const address = URL.createObjectURL(new Blob([await file.arrayBuffer()], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    // A drawing without a size of its own is drawn square.
    const { naturalWidth: w = 0, naturalHeight: h = 0 } = image
    const scale = side / Math.max(w, h, 1)
    const canvas = document.createElement('canvas')
    canvas.width = w > 0 && h > 0 ? Math.max(1, Math.round(w * scale)) : side
    canvas.height = w > 0 && h > 0 ? Math.max(1, Math.round(h * scale)) : side
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'))
    if (!blob) throw new Error('the drawing has no pixels')
    return new File([blob], file.name.replace(/\.svg$/i, '.png'), { type: 'image/png' })
  } finally {
    URL.revokeObjectURL(address)
  }
}
