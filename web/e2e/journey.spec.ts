import { readFileSync } from 'node:fs'
import { unzipSync, strFromU8 } from 'fflate'
import { expect, test } from './app.ts'

/** Width and height as a PNG's or JPEG's own header says. */
function sizeOf(file: Uint8Array): [number, number] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (view.getUint32(0) === 0x89504e47) return [view.getUint32(16), view.getUint32(20)]
  for (let at = 2; at < file.length; ) {
    const marker = view.getUint16(at)
    // Start of frame, of any kind that is one.
    if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) return [view.getUint16(at + 7), view.getUint16(at + 5)]
    at += 2 + view.getUint16(at + 2)
  }
  throw new Error('neither PNG nor JPEG')
}

test('from a first visit to the files in a ZIP', async ({ app, page }) => {
  await app.open()
  await expect(page.getByRole('heading', { name: '무엇을 만들어 볼까요?' })).toBeVisible()
  await expect(page.getByText('지금은 데모 이미지를 보여 드리고 있어요')).toBeVisible()
  await page.getByRole('button', { name: '알겠어요' }).click()

  await app.choose('이미지', 2)
  await app.say('창가에 놓인 유자 에이드, 아침 햇살이 들어오는 사진')
  await expect(page).toHaveURL(/\/c\//)
  await expect(app.pictures).toHaveCount(2)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/유자 에이드/)

  // Refine the first of the two.
  await app.picture(0).click()
  await expect(page).toHaveURL(/img=/)
  const first = new URL(page.url()).searchParams.get('img')
  await app.inspector.getByRole('button', { name: '이 이미지 수정하기' }).click()
  await expect(page.getByText('이 이미지를 고쳐요')).toBeVisible()
  await app.choose('이미지', 1)
  await app.say('조금 더 밝게 해 주세요')
  await expect(app.pictures).toHaveCount(3)
  const id = page.url().split('/c/')[1]?.split('?')[0] as string
  const made = (await app.messages(id)).flatMap((one) => one.images) as unknown as { id: string; parent_image_id?: string }[]
  expect(made[2]?.parent_image_id).toBe(first)
  // What is looked at goes on to what was made from it.
  await expect(page).toHaveURL(new RegExp(`img=${made[2]?.id}`))

  // Compare it with what it was made from.
  await expect(app.inspector.getByRole('button', { name: '버전 2, 버전 1에서 고쳤어요' })).toBeVisible()
  await app.inspector.getByRole('button', { name: '비교하기' }).click()
  const compare = page.getByRole('dialog', { name: '비교하기' })
  await compare.getByRole('slider', { name: '경계 옮기기' }).fill('25')
  await expect(compare.getByRole('combobox', { name: '왼쪽' })).toHaveValue(first as string)
  await compare.getByText('나란히 보기').click()
  await expect(compare.getByRole('img')).toHaveCount(2)
  await page.keyboard.press('Escape')
  await expect(compare).toBeHidden()

  // Star it, and find it by its star in the gallery.
  await app.inspector.getByRole('button', { name: '별표 추가' }).click()
  await expect(app.inspector.getByRole('button', { name: '별표 해제' })).toHaveAttribute('aria-pressed', 'true')
  await page.getByRole('link', { name: '갤러리' }).click()
  const gallery = page.getByRole('listbox', { name: '이미지 목록' })
  await expect(gallery.getByRole('option')).toHaveCount(3)
  await page.getByRole('button', { name: '별표만' }).click()
  await expect(gallery.getByRole('option')).toHaveCount(1)
  await gallery.getByRole('option').click()

  // Export it.
  await expect(page).toHaveURL(new RegExp(`/c/${id}\\?img=${made[2]?.id}`))
  await app.inspector.getByRole('button', { name: '내보내기' }).click()
  const dialog = page.getByRole('dialog', { name: '내보내기' })
  await dialog.getByRole('slider', { name: '초점' }).press('ArrowRight')
  await dialog.getByRole('searchbox', { name: '지면 검색' }).fill('1280')
  await dialog.getByRole('searchbox', { name: '지면 검색' }).fill('')
  const placements = dialog.getByRole('listitem')
  await placements.nth(1).locator('[aria-pressed]').click()
  await placements.nth(2).locator('[aria-pressed]').click()
  const download = page.waitForEvent('download')
  await dialog.getByRole('button', { name: 'ZIP으로 내려받기' }).click()
  const files = unzipSync(readFileSync(await (await download).path()))
  const manifest = JSON.parse(strFromU8(files['manifest.json'] as Uint8Array)) as { name: string; width: number; height: number; bytes: number }[]
  expect(manifest.length).toBeGreaterThanOrEqual(2)
  for (const entry of manifest) {
    const file = files[entry.name] as Uint8Array
    expect(file.length, entry.name).toBe(entry.bytes)
    expect(sizeOf(file), entry.name).toEqual([entry.width, entry.height])
  }
})

test('the gallery downloads the chosen pictures as a ZIP, and deletes them with a way back', async ({ app, page }) => {
  await app.open()
  await app.choose('이미지', 3)
  await app.say('도자기 컵 세 개')
  await expect(app.pictures).toHaveCount(3)
  await page.getByRole('link', { name: '갤러리' }).click()
  await page.getByRole('button', { name: '선택', exact: true }).click()
  const options = page.getByRole('listbox', { name: '이미지 목록' }).getByRole('option')
  await options.nth(0).click()
  await options.nth(1).click()
  await expect(page.getByRole('toolbar', { name: '2장 선택' })).toBeVisible()
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'ZIP으로 내려받기' }).click()
  const files = unzipSync(readFileSync(await (await download).path()))
  expect(Object.keys(files)).toHaveLength(2)
  expect(Object.keys(files)[0]).toMatch(/^001-도자기-컵-세-개-\d+x\d+\.(png|jpg)$/)

  await page.getByRole('button', { name: '지우기', exact: true }).click()
  await expect(options).toHaveCount(1)
  await page.getByRole('button', { name: '되돌리기' }).click()
  await expect(options).toHaveCount(3)
})
