import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { App, expect, test } from './app.ts'

// The app inside another program, below a path of its own and behind that program's login: examples/mount.
const folder = mkdtempSync(join(tmpdir(), 'imagechat-mounted-'))
let host: ChildProcess
let url: string

test.beforeAll(async () => {
  const program = join(folder, 'mount')
  execFileSync('go', ['build', '-o', program, './examples/mount'], { cwd: fileURLToPath(new URL('../..', import.meta.url)) })
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  url = `http://127.0.0.1:${port}`
  host = spawn(program, ['-addr', `127.0.0.1:${port}`, '-data', join(folder, 'data')], { stdio: 'ignore' })
  await expect.poll(() => fetch(url).then((r) => r.ok, () => false)).toBe(true)
})

test.afterAll(() => {
  host.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

test('the app works below a path, behind the login of the program around it', async ({ page }) => {
  const outside: string[] = []
  page.on('request', (request) => {
    if (!new URL(request.url()).pathname.startsWith('/studio/')) outside.push(request.url())
  })
  await page.request.post(`${url}/login/mina`)
  const app = new App(page, `${url}/studio`)
  await app.open()
  await app.choose('이미지')
  await app.say('바닷가의 등대')
  await expect(app.pictures).toHaveCount(1)
  await expect(page).toHaveURL(/\/studio\/c\/[\w-]+/)
  const drawn = () => app.pictures.locator('img').first().evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth)
  await expect.poll(drawn).toBeGreaterThan(0)
  await page.reload()
  await expect(app.pictures).toHaveCount(1)
  await expect.poll(drawn).toBeGreaterThan(0)
  for (const [name, path] of [['갤러리', 'gallery'], ['설정', 'settings']] as const) {
    await page.getByRole('link', { name }).click()
    await expect(page).toHaveURL(`${url}/studio/${path}`)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  }
  await page.goto(`${url}/studio/docs`)
  await expect(page.getByText('/api/image-chat/sessions').first()).toBeVisible()
  expect(outside).toEqual([])
})
