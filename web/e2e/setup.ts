import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Builds the program and the stand-in of the Gemini API once; IMAGECHAT_BIN names a program built already. */
export default function setup() {
  const bin = mkdtempSync(join(tmpdir(), 'imagechat-e2e-bin-'))
  process.env.IMAGECHAT_BIN ??= build(bin, 'imagechat', './cmd/imagechat')
  process.env.STANDIN_BIN ??= build(bin, 'gemini-standin', './adapters/gemini/geminitest/cmd/gemini-standin')
}

function build(folder: string, name: string, main: string) {
  const path = join(folder, name)
  execFileSync('go', ['build', '-o', path, main], { cwd: root, stdio: 'inherit' })
  return path
}
