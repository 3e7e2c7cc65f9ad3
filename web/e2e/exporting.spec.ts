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
  await expect(dialog.getByRole('button', { name: '자동 초점' })).toHaveAttribute('aria-pressed', 'true')
  const withFound = await announced()

  // Nothing of this counts as an export.
  const [picture] = (await app.messages(id)).flatMap((one) => one.images) as unknown as { id: string }[]
  const detail = await page.request.get(`${app.url}/api/image-chat/images/${picture?.id}`)
  expect(((await detail.json()) as { is_exported: boolean }).is_exported).toBe(false)
  expect(await saved()).toBe(withFound)

  // Another focus is another file.
  const focus = dialog.getByRole('slider', { name: '초점', exact: true })
  const asked = page.waitForRequest((one) => one.url().endsWith('/export/preview') && one.postDataJSON().focus?.y < 0.3)
  await focus.focus()
  for (let y = 100; y > 28; y -= 2) await page.keyboard.press('ArrowUp')
  await asked
  await expect(dialog.getByRole('button', { name: '자동 초점' })).toHaveAttribute('aria-pressed', 'false')
  const moved = await announced()
  expect(await saved()).toBe(moved)

  await dialog.getByRole('button', { name: '가운데', exact: true }).click()
  await expect(focus).toHaveAttribute('aria-valuetext', '가로 50%, 세로 50%')
  await dialog.getByRole('button', { name: '자동 초점' }).click()
  await expect(told).toHaveText(new RegExp(withFound.toLocaleString('en')))
  // What is chosen is weighed together.
  await expect(dialog.getByRole('status')).toHaveText(/지면 1개 선택 · 모두 [\d,]+바이트/)
})

/** Chooses a size of one's own with the chips under the field. */
async function chooseSize(page: Page, width: number, height: number) {
  await page.getByRole('button', { name: /^용도/ }).click()
  await page.getByRole('searchbox', { name: '용도 검색' }).fill('직접 지정')
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
  await expect(first.getByRole('button', { name: /직접 지정/ }).first()).toHaveAttribute('aria-pressed', 'true')
  await expect(dialog.getByRole('status')).toHaveText(/지면 1개 선택 · 모두/)
  const download = page.waitForEvent('download')
  await dialog.getByRole('button', { name: 'ZIP으로 내려받기' }).click()
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
  const dot = dialog.getByRole('slider', { name: '초점', exact: true })
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
  await expect(dialog.getByRole('status')).toHaveText('지면 0개 선택')
  await expect(dialog.getByRole('button', { name: 'ZIP으로 내려받기' })).toBeDisabled()
})

/** What the server was asked for, by the request's path. */
function posted(page: Page, ending: string) {
  return page.waitForRequest((one) => one.method() === 'POST' && one.url().endsWith(ending))
}

test('a group is selected at once, seen alone, saved in the server\'s name, and offered again next time', async ({ app, page }) => {
  const id = await app.onePicture()
  await app.open(`/c/${id}?view=export`)
  const dialog = page.getByRole('dialog', { name: '내보내기' })
  await dialog.getByRole('button', { name: '네이버: 모두 선택' }).click()
  await dialog.getByRole('button', { name: '선택한 것만' }).click()
  await expect(dialog.getByRole('region', { name: '네이버' })).toBeVisible()
  await expect(dialog.getByRole('region', { name: '카카오' })).toHaveCount(0)
  const selected = await dialog.getByRole('listitem').count()
  await expect(dialog.getByRole('status')).toContainText(`지면 ${selected}개 선택`)
  await dialog.getByRole('radio', { name: 'JPEG' }).check({ force: true })
  await dialog.getByRole('radio', { name: '여백 두기' }).check({ force: true })
  await expect(dialog.getByRole('listitem').first()).toContainText('잘리지 않아요')
  const request = posted(page, '/exports')
  const download = page.waitForEvent('download')
  await dialog.getByRole('button', { name: 'ZIP으로 내려받기' }).click()
  expect((await request).postDataJSON()).toMatchObject({ fit: 'contain', formats: ['jpeg'] })
  const saved = await download
  expect(saved.suggestedFilename()).toBe('시험 대화.zip'.replaceAll(' ', '_'))
  const files = unzipSync(readFileSync(await saved.path()))
  expect(Object.keys(files).filter((name) => name.endsWith('.jpg'))).toHaveLength(selected)
  const manifest = JSON.parse(new TextDecoder().decode(files['manifest.json'])) as { prompt: string; fit: string }[]
  expect(manifest.map((one) => [one.prompt, one.fit])).toEqual(manifest.map(() => ['바닷가의 등대', 'contain']))
  await page.reload()
  await expect(dialog.getByRole('status')).toContainText(`지면 ${selected}개 선택`)
  await expect(dialog.getByRole('radio', { name: '여백 두기' })).toBeChecked()
})

test('one placement is looked at large, with what its app covers and a focus of its own', async ({ app, page }) => {
  const id = await app.onePicture()
  await app.open(`/c/${id}?view=export`)
  const dialog = page.getByRole('dialog', { name: '내보내기' })
  await dialog.getByRole('searchbox').fill('스토리')
  await dialog.getByRole('listitem').and(dialog.locator('[data-purpose=ig_fb_story]')).getByRole('button', { name: /크게 보기/ }).click()
  const file = dialog.getByRole('img', { name: /파일 미리보기/ })
  await expect(file).toBeVisible()
  await expect.poll(() => file.evaluate((one: HTMLImageElement) => [one.naturalWidth, one.naturalHeight])).toEqual([1080, 1920])
  await expect(dialog.locator('[data-safe-area]:visible')).toHaveCount(1)
  await expect(dialog.getByRole('region', { name: /스토리/ }).getByText('위 14%, 아래 35%는 앱 버튼이 덮을 수 있어요.')).toBeVisible()
  const asked = page.waitForRequest((one) => one.url().endsWith('/export/preview') && one.postDataJSON().focuses?.ig_fb_story !== undefined)
  const focus = dialog.getByRole('slider', { name: /스토리.* 초점/ })
  await focus.press('ArrowLeft')
  expect((await asked).postDataJSON().focus).toBeUndefined()
  await expect(dialog.getByRole('button', { name: '공통 초점' })).toHaveAttribute('aria-pressed', 'false')
  await dialog.getByRole('button', { name: '이 지면 선택하기' }).click()
  const request = posted(page, '/exports')
  await dialog.getByRole('button', { name: 'ZIP으로 내려받기' }).click()
  expect(Object.keys((await request).postDataJSON().focuses)).toEqual(['ig_fb_story'])
  await dialog.getByRole('button', { name: '모든 지면' }).click()
  await expect(dialog.getByRole('slider', { name: '초점', exact: true })).toHaveAttribute('aria-valuetext', /./)
})

test('a kakao bizboard whose background is not clear is warned of', async ({ app, page }) => {
  const id = await app.onePicture()
  await app.open(`/c/${id}?view=export`)
  const dialog = page.getByRole('dialog', { name: '내보내기' })
  await dialog.getByRole('searchbox').fill('kakao_bizboard')
  await expect(dialog.locator('[data-purpose=kakao_bizboard]')).toContainText('배경이 투명하지 않아요')
})

test.describe('with a model that costs money', () => {
  test.use({ standInFlags: [] })

  test('what a crop would cut is made anew in the placement\'s own ratio, for a price told before', async ({ app, page, standIn }) => {
    const id = await app.onePicture()
    const [picture] = (await app.messages(id)).flatMap((one) => one.images)
    await app.open(`/c/${id}?view=export`)
    const dialog = page.getByRole('dialog', { name: '내보내기' })
    await dialog.getByRole('searchbox').fill('스토리')
    const remake = dialog.locator('[data-purpose=ig_fb_story]').getByRole('button', { name: /다시 만들기/ })
    await expect(remake).toContainText(/\(\$0\.0\d+\)/)
    const answer = page.waitForResponse((one) => one.request().method() === 'POST' && one.url().endsWith('/turns'))
    await remake.click()
    expect(((await (await answer).json()) as { request: object }).request).toMatchObject({ kind: 'refine', image_id: picture?.id, image_purpose: 'ig_fb_story', count: 1 })
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await expect(app.pictures).toHaveCount(2)
    expect(await standIn.calls()).toBe(2)
    const made = (await app.messages(id)).flatMap((one) => one.images).at(-1) as unknown as { width: number; height: number; parent_image_id: string }
    expect(made.parent_image_id).toBe(picture?.id)
    expect(made.height / made.width).toBeGreaterThan(1.5)
  })
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
    await placement.getByRole('button').first().click()
    await expect(placement).toContainText('1 kB 안에 담을 수 없어요')
    await expect(placement.getByRole('link')).toHaveCount(0)
    await expect(dialog.getByRole('alert')).toContainText('지면 1개는 만들 수 없어요')
    const zip = dialog.getByRole('button', { name: 'ZIP으로 내려받기' })
    await expect(zip).toBeDisabled()
    await dialog.getByRole('button', { name: '제외하기', exact: true }).click()
    await expect(zip).toBeEnabled()
  })
})
