// Writes a brotli and a gzip copy beside every compressible file of dist, so that the server compresses nothing at run time.
// Both are reproducible: no names, no times, fixed levels.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const dist = new URL('../dist/', import.meta.url).pathname
// Vite calls a file that is imported for its URL by its whole path, which is another in every clone.
const manifest = join(dist, '.vite', 'manifest.json')
writeFileSync(manifest, readFileSync(manifest, 'utf8').replaceAll(new URL('../', import.meta.url).pathname, ''))

const compressible = /\.(html|js|css|svg|json|txt)$/

for (const name of readdirSync(dist, { recursive: true })) {
  if (!compressible.test(name)) continue
  const path = join(dist, name)
  const bytes = readFileSync(path)
  const copies = {
    '.br': brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    '.gz': gzipSync(bytes, { level: 9 }),
  }
  for (const [suffix, copy] of Object.entries(copies)) {
    // A copy that saves nothing would only cost room in the binary.
    if (copy.length < bytes.length * 0.95) writeFileSync(path + suffix, copy)
  }
}
