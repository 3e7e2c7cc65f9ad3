/** Hands a file to the browser's downloads. */
export function saveBlob(blob: Blob, name: string) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // The download has taken hold of the data by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
