// Measures every kind of page as it is served, by the median of RUNS (3) runs of Lighthouse's mobile preset, and fails
// below the aims. PAGES=gallery,usage measures only those; KEEP=folder keeps the reports. Needs the program built
// (IMAGECHAT_BIN, or Go) and Chromium; nothing leaves the machine. Figures depend on the machine, so this is no test.
import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'

const runs = Number(process.env.RUNS ?? 3)
const chosen = process.env.PAGES?.split(',')
const wanted = { performance: 95, accessibility: 100, 'best-practices': 100 }
const folder = mkdtempSync(join(tmpdir(), 'imagechat-lighthouse-'))
const bin = process.env.IMAGECHAT_BIN ?? join(folder, 'imagechat')
if (!process.env.IMAGECHAT_BIN) execFileSync('go', ['build', '-o', bin, './cmd/imagechat'], { cwd: new URL('../../', import.meta.url), stdio: 'inherit' })

const servers = []

/** Starts the program on a free port and waits for it; the answer is its address. */
async function serve(name, environment) {
  const port = await new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const free = probe.address().port
      probe.close(() => done(free))
    })
  })
  const home = join(folder, name)
  mkdirSync(home)
  servers.push(spawn(bin, [], {
    cwd: home,
    stdio: 'ignore',
    env: { PATH: process.env.PATH, HOME: home, PORT: String(port), DATABASE_URL: `sqlite:///${home}/chat.db`, BLOB_URL: `file://${home}/blobs`, ...environment },
  }))
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(`${url}/health`).then((answer) => answer.ok, () => false)) return url
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error(`${name} does not answer`)
}

const requests = [
  ['banner_web', '바닷가의 하얀 등대'],
  ['sns_instagram_square', '따뜻한 조명의 원두커피와 크루아상, 위에서 내려다본 구도'],
  ['product_showcase', '초록 숲속의 산책로'],
]

/** Makes conversations such as people have: some words, some pictures of several forms. */
async function fill(url) {
  const headers = { 'Content-Type': 'application/json', Prefer: 'wait=60' }
  const post = async (path, body) => {
    const answer = await fetch(`${url}/api/image-chat${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  let newest
  for (const [image_purpose, content] of requests) {
    newest = await post('/sessions', { title: content, image_purpose })
    await post(`/sessions/${newest.id}/turns`, { kind: 'chat', content: '어떤 분위기가 좋을까?' })
    await post(`/sessions/${newest.id}/turns`, { kind: 'generate', content, count: 4 })
    await post(`/sessions/${newest.id}/turns`, { kind: 'refine', content: '조금 더 밝게' })
  }
  await look(url)
  return newest.id
}

/** Asks for the copies that pages show: they are made when they are first asked for, and kept. */
async function look(url) {
  const { images } = await (await fetch(`${url}/api/image-chat/images`)).json()
  for (const { image_url } of images) for (const w of [320, 384, 640, 768]) await (await fetch(`${url}${image_url}?w=${w}`)).arrayBuffer()
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

const figures = { FCP: 'first-contentful-paint', LCP: 'largest-contentful-paint', SI: 'speed-index', TBT: 'total-blocking-time', CLS: 'cumulative-layout-shift' }

/** One run; Lighthouse itself now and then misses the beginning of a trace (NO_NAVSTART), and is then asked again. */
function report(name, url, run, tries = 3) {
  const output = join(folder, `${name}-${run}.json`)
  try {
    execFileSync('npx', ['lighthouse', url, '--quiet', '--output=json', `--output-path=${output}`, '--only-categories=performance,accessibility,best-practices', '--chrome-flags=--headless=new --no-sandbox'], {
      stdio: ['ignore', 'inherit', 'pipe'],
      env: { ...process.env, CHROME_PATH: process.env.CHROMIUM ?? '/usr/bin/chromium' },
    })
  } catch (error) {
    if (tries <= 1) throw error
    return report(name, url, run, tries - 1)
  }
  if (process.env.KEEP) copyFileSync(output, join(process.env.KEEP, `${name}-${run}.json`))
  return JSON.parse(readFileSync(output, 'utf8'))
}

function measure([name, url]) {
  const reports = Array.from({ length: runs }, (_, run) => report(name, url, run))
  const scores = Object.keys(wanted).map((category) => [category, Math.round(100 * median(reports.map((one) => one.categories[category].score)))])
  const shown = Object.entries(figures).map(([short, id]) => `${short} ${median(reports.map((one) => one.audits[id].numericValue)).toFixed(short === 'CLS' ? 3 : 0)}`)
  const good = scores.every(([category, score]) => score >= wanted[category])
  console.log(good ? 'ok  ' : 'LOW ', name.padEnd(12), scores.map(([, score]) => String(score).padStart(3)).join(' / '), '|', shown.join('  '))
  for (const audit of Object.values(reports[0].audits)) {
    if (!good && audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode !== 'informative') console.log(`         ${audit.id} ${audit.score} ${audit.displayValue ?? ''}`)
  }
  return good
}

try {
  const open = await serve('open', {})
  const closed = await serve('closed', { AUTH_TOKENS: 'someone:only-for-this-measurement' })
  const id = await fill(open)
  const pages = [
    ['first', `${open}/`],
    ['conversation', `${open}/c/${id}`],
    ['gallery', `${open}/gallery`],
    ['brands', `${open}/brands`],
    ['usage', `${open}/usage`],
    ['settings', `${open}/settings`],
    ['missing', `${open}/nothing-here`],
    ['login', `${closed}/login`],
  ].filter(([name]) => !chosen || chosen.includes(name))
  console.log(`performance / accessibility / best practices, median of ${runs}; load ${loadavg()[0].toFixed(1)}; times in ms`)
  const good = pages.map(measure)
  process.exitCode = good.every(Boolean) ? 0 : 1
} finally {
  for (const server of servers) server.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
