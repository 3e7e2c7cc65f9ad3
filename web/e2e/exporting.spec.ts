import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { unzipSync } from 'fflate'
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

/** Chooses a size of one's own with the chips under the field. */
async function chooseSize(page: Page, width: number, height: number) {
  await page.getByRole('button', { name: /^용도/ }).click()
  await page.getByRole('searchbox', { name: '용도 찾기' }).fill('직접 지정')
  await page.getByRole('dialog', { name: '용도' }).getByRole('button', { name: /직접 지정/ }).click()
  await setSize(page, width, height)
}

async function setSize(page: Page, width: number, height: number) {
  await page.getByRole('button', { name: /^옵션/ }).click()
  const options = page.getByRole('dialog', { name: '옵션' })
  await options.getByRole('spinbutton', { name: '가로' }).fill(String(width))
  await options.getByRole('spinbutton', { name: '세로' }).fill(String(height))
  await options.getByRole('spinbutton', { name: '세로' }).press('Tab')
  await page.keyboard.press('Escape')
  await expect(options).toBeHidden()
}

test('a size of one\'s own is chosen, drawn and exported', async ({ app, page }) => {
  await app.open()
  await chooseSize(page, 4096, 256)
  const chip = page.getByRole('button', { name: '용도: 직접 지정 4096×256' })
  await expect(chip).toHaveText('4096×256')
  const drawn = (await chip.locator('rect').boundingBox()) as { width: number; height: number }
  expect(drawn.width).toBeGreaterThan(drawn.height * 3)
  await app.choose('이미지')
  await app.say('바닷가의 등대')
  await expect(app.pictures).toHaveCount(1)
  await app.open(`${new URL(page.url()).pathname}?view=export`)
  const dialog = page.getByRole('dialog', { name: '내보내기' })
  const first = dialog.getByRole('listitem').first()
  await expect(first).toContainText('4096×256')
  await expect(first.getByRole('button', { name: /직접 지정/ })).toHaveAttribute('aria-pressed', 'true')
  await expect(dialog.getByRole('status')).toHaveText(/1곳 골랐어요 · 모두/)
  const download = page.waitForEvent('download')
  await dialog.getByRole('button', { name: 'ZIP으로 받기' }).click()
  const files = unzipSync(readFileSync(await (await download).path()))
  expect(Object.keys(files).filter((name) => name.includes('4096x256'))).toHaveLength(1)
})

test('a size of one\'s own is chosen and changed in a conversation, and exports follow', async ({ app, page }) => {
  await app.open(`/c/${await app.onePicture()}`)
  await chooseSize(page, 1000, 500)
  for (const [width, height] of [[1000, 500], [640, 800]] as const) {
    await setSize(page, width, height)
    await app.choose('이미지')
    const before = await app.pictures.count()
    await app.say(`바닷가의 등대 ${width}`)
    await expect(app.pictures).toHaveCount(before + 1)
    await app.open(`${new URL(page.url()).pathname}?view=export`)
    const dialog = page.getByRole('dialog', { name: '내보내기' })
    await expect(dialog.getByRole('listitem').first()).toContainText(`${width}×${height}`)
    await page.keyboard.press('Escape')
    await expect(dialog).toBeHidden()
  }
})

test('Escape empties the search before it closes, and the focus is whole at the edge', async ({ app, page }) => {
  const id = await app.onePicture()
  await app.open(`/c/${id}?view=export`)
  const dialog = page.getByRole('dialog', { name: '내보내기' })
  const search = dialog.getByRole('searchbox')
  await search.fill('배너')
  await search.press('Escape')
  await expect(search).toHaveValue('')
  await expect(dialog).toBeVisible()
  const dot = dialog.getByRole('slider', { name: '초점' })
  const picture = (await dialog.getByRole('img', { name: '바닷가의 등대' }).boundingBox()) as { x: number; y: number; width: number; height: number }
  await page.mouse.click(picture.x + 1, picture.y + picture.height / 2)
  await expect(dot).toHaveAttribute('aria-valuetext', /가로 [01]%/)
  // The half of the dot that lies outside of the picture is there to be seen, and to be taken hold of.
  const outside = await dot.evaluate((one) => {
    const { left, top, height } = one.getBoundingClientRect()
    return document.elementFromPoint(left + 4, top + height / 2) === one
  })
  expect(outside).toBe(true)
  await search.press('Escape')
  await expect(dialog).toBeHidden()
})

test('without a size of its own a conversation whose purpose is no placement chooses nothing', async ({ app, page }) => {
  const id = await app.onePicture()
  await page.route(`**/api/image-chat/sessions/${id}`, async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, json: { ...(await answer.json()), image_purpose: 'custom' } })
  })
  await app.open(`/c/${id}?view=export`)
  const dialog = page.getByRole('dialog', { name: '내보내기' })
  await expect(dialog.getByRole('listitem').first()).toBeVisible()
  await expect(dialog.getByRole('status')).toHaveText('0곳 골랐어요')
  await expect(dialog.getByRole('button', { name: 'ZIP으로 받기' })).toBeDisabled()
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
