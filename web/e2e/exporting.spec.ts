import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from './app.ts'

test('an export tells the exact bytes before anything is saved, and keeps to them', async ({ app, page }) => {
  const id = await app.onePicture()
  await app.open(`/c/${id}?view=export`)
  const dialog = page.getByRole('dialog', { name: '내보내기' })
  const placement = dialog.getByRole('listitem').and(dialog.locator('[data-purpose=banner_web]'))
  const told = placement.getByText(/[\d,]+바이트/)
  const announced = async () => Number((await told.innerText()).replace(/\D/g, ''))
  const saved = async () => {
    const download = page.waitForEvent('download')
    await placement.getByRole('link').click()
    return readFileSync(await (await download).path()).length
  }
  await expect(dialog.getByRole('button', { name: '찾은 초점' })).toHaveAttribute('aria-pressed', 'true')
  const withFound = await announced()

  // Nothing of this counts as an export.
  const [picture] = (await app.messages(id)).flatMap((one) => one.images) as unknown as { id: string }[]
  const detail = await page.request.get(`${app.url}/api/image-chat/images/${picture?.id}`)
  expect(((await detail.json()) as { is_exported: boolean }).is_exported).toBe(false)
  expect(await saved()).toBe(withFound)

  // Another focus is another file.
  const focus = dialog.getByRole('slider', { name: '초점' })
  const asked = page.waitForRequest((one) => one.url().endsWith('/export/preview') && one.postDataJSON().focus?.y < 0.3)
  await focus.focus()
  for (let y = 100; y > 28; y -= 2) await page.keyboard.press('ArrowUp')
  await asked
  await expect(dialog.getByRole('button', { name: '찾은 초점' })).toHaveAttribute('aria-pressed', 'false')
  const moved = await announced()
  expect(await saved()).toBe(moved)

  await dialog.getByRole('button', { name: '가운데' }).click()
  await expect(focus).toHaveAttribute('aria-valuetext', '가로 50%, 세로 50%')
  await dialog.getByRole('button', { name: '찾은 초점' }).click()
  await expect(told).toHaveText(new RegExp(withFound.toLocaleString('en')))
  // What is chosen is weighed together.
  await expect(dialog.getByRole('status')).toHaveText(/1곳 골랐어요 · 모두 \d+ kB/)
})

test.describe('with a placement that no file is small enough for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'imagechat-placements-'))
  const file = join(folder, 'placements.json')
  const name = { ko: '아주 작은 곳', en: 'A tiny place' }
  const row = { id: 'tiny', name, description: name, group: 'basic', guidance: 'plain', confidence: 'own', width: 600, height: 400, ratio: '3:2', formats: ['png'], max_bytes: 900 }
  writeFileSync(file, JSON.stringify({ purposes: [row] }))
  test.use({ environment: { PLACEMENTS_FILE: file } })
  test.afterAll(() => rmSync(folder, { recursive: true }))

  test('it is marked, and left out on request', async ({ app, page }) => {
    const id = await app.onePicture()
    await app.open(`/c/${id}?view=export`)
    const dialog = page.getByRole('dialog', { name: '내보내기' })
    await dialog.getByRole('searchbox').fill('tiny')
    const placement = dialog.getByRole('listitem')
    await placement.getByRole('button').click()
    await expect(placement).toContainText('1 kB 안에 담을 수 없어요')
    await expect(placement.getByRole('link')).toHaveCount(0)
    await expect(dialog.getByRole('alert')).toContainText('1곳은 만들 수 없어요')
    const zip = dialog.getByRole('button', { name: 'ZIP으로 받기' })
    await expect(zip).toBeDisabled()
    await dialog.getByRole('button', { name: '빼기', exact: true }).click()
    await expect(zip).toBeEnabled()
  })
})
