// Fails when the page grows past its byte budget. "Initial" is what index.html needs before it can show anything:
// the entry and everything that it imports statically.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
const kB = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1000

const initial = new Set()
const styles = new Set()
const visit = (key) => {
  const chunk = manifest[key]
  if (initial.has(chunk.file)) return
  initial.add(chunk.file)
  for (const css of chunk.css ?? []) styles.add(css)
  for (const next of chunk.imports ?? []) visit(next)
}
visit('index.html')

const lazy = Object.values(manifest).filter((chunk) => chunk.file.endsWith('.js') && !initial.has(chunk.file))
const sum = (files) => [...files].reduce((total, file) => total + kB(file), 0)
const rows = [
  ['initial JavaScript', sum(initial), 210],
  ['initial CSS', sum(styles), 25],
  ...lazy.map((chunk) => [`lazy ${chunk.file}`, kB(chunk.file), 60]),
]

let over = false
for (const [name, size, budget] of rows) {
  over ||= size > budget
  console.log(`${size > budget ? 'OVER' : 'ok  '} ${size.toFixed(1).padStart(6)} of ${budget} kB gzip  ${name}`)
}
process.exit(over ? 1 : 0)
