// Measures the app as it is served: median of three runs of Lighthouse's mobile preset on the first page and on a
// conversation. Needs the program built (IMAGECHAT_BIN, or Go) and Chromium; nothing leaves the machine.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const runs = Number(process.env.RUNS ?? 3)
const wanted = { performance: 95, accessibility: 100, 'best-practices': 100 }
const folder = mkdtempSync(join(tmpdir(), 'imagechat-lighthouse-'))
const bin = process.env.IMAGECHAT_BIN ?? join(folder, 'imagechat')
if (!process.env.IMAGECHAT_BIN) execFileSync('go', ['build', '-o', bin, './cmd/imagechat'], { cwd: new URL('../../', import.meta.url), stdio: 'inherit' })

const port = await new Promise((done) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const free = probe.address().port
    probe.close(() => done(free))
  })
})
const url = `http://127.0.0.1:${port}`
const server = spawn(bin, [], {
  cwd: folder,
  stdio: 'ignore',
  env: { PATH: process.env.PATH, HOME: folder, PORT: String(port), DATABASE_URL: `sqlite:///${folder}/chat.db`, BLOB_URL: `file://${folder}/blobs` },
})

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

function measure(path) {
  const reports = Array.from({ length: runs }, (_, run) => {
    const output = join(folder, `report-${run}.json`)
    execFileSync('npx', ['lighthouse', url + path, '--quiet', '--output=json', `--output-path=${output}`, '--only-categories=performance,accessibility,best-practices', '--chrome-flags=--headless=new --no-sandbox'], {
      stdio: 'inherit',
      env: { ...process.env, CHROME_PATH: process.env.CHROMIUM ?? '/usr/bin/chromium' },
    })
    return JSON.parse(readFileSync(output, 'utf8'))
  })
  const scores = Object.keys(wanted).map((name) => [name, Math.round(100 * median(reports.map((one) => one.categories[name].score)))])
  const figures = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift'].map((name) => `${name} ${median(reports.map((one) => one.audits[name].numericValue)).toFixed(3)}`)
  console.log(path, scores.map(([name, score]) => `${name} ${score}`).join(', '), '|', figures.join(', '))
  for (const audit of Object.values(reports[0].audits)) {
    if (audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode !== 'informative') console.log(`    ${audit.id} ${audit.score} ${audit.displayValue ?? ''}`)
  }
  return scores.every(([name, score]) => score >= wanted[name])
}

try {
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(`${url}/health`).then((answer) => answer.ok, () => false)) break
    await new Promise((done) => setTimeout(done, 50))
  }
  const headers = { 'Content-Type': 'application/json', Prefer: 'wait=60' }
  const post = async (path, body) => (await fetch(`${url}/api/image-chat${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json()
  const session = await post('/sessions', { title: '등대', image_purpose: 'banner_web' })
  await post(`/sessions/${session.id}/turns`, { kind: 'generate', content: '바닷가의 하얀 등대' })
  const good = ['/', `/c/${session.id}`, '/gallery'].map(measure)
  process.exitCode = good.every(Boolean) ? 0 : 1
} finally {
  server.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
