import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { strFromU8, unzipSync } from 'fflate'
import type { Locator, Page } from '@playwright/test'
import { expect, pngOf, test, type App } from './app.ts'
import type { StandIn } from './programs.ts'

// The loop that the app is for: make four, pick one, say what to change, go back, branch, compare, take it home. What is
// asserted is what left the browser, what the model was told, and where the files came from.

interface Made { id: string; sha256: string; parent_image_id?: string }

interface Sent { kind: string; content: string; image_id?: string; count?: number }

/** The turns of the conversation as the server took them in, oldest first. */
async function turns(app: App): Promise<Sent[]> {
  const said = (await app.messages(conversation(app))).filter((one) => one.role === 'user') as unknown as { turn_id: string }[]
  return Promise.all(said.map(async (one) => {
    const answer = await app.page.request.get(`${app.url}/api/image-chat/turns/${one.turn_id}`)
    return ((await answer.json()) as { request: Sent }).request
  }))
}

function conversation(app: App) {
  return app.page.url().split('/c/')[1]?.split('?')[0] as string
}

async function made(app: App): Promise<Made[]> {
  return (await app.messages(conversation(app))).flatMap((one) => (one.role === 'assistant' ? one.images : [])) as unknown as Made[]
}

/** The pictures of the last request to the model, by their hashes. */
async function told(standIn: StandIn): Promise<string[]> {
  const last = (await standIn.requests()).at(-1) as unknown as { content: { parts: { sha256?: string }[] }[] }
  return last.content.flatMap((one) => one.parts.flatMap((part) => part.sha256 ?? []))
}

/** How one acts: by the mouse, by keys alone, or by touch. */
interface Hand { press: (target: Locator) => Promise<void>; say: (app: App, text: string) => Promise<void>; close: (app: App) => Promise<void> }

const byEnter = (app: App, text: string) => app.say(text)
const mouse: Hand = { press: (target) => target.click(), say: byEnter, close: async () => {} }
const keyboard: Hand = {
  press: async (target) => {
    await target.focus()
    await target.press('Enter')
  },
  say: byEnter,
  close: async () => {},
}
const touch: Hand = {
  press: async (target) => {
    // A finger brings it into sight before it taps; the thread stays at its end until a person scrolls.
    await target.evaluate((element) => {
      element.dispatchEvent(new Event('touchmove', { bubbles: true }))
      element.scrollIntoView({ block: 'center' })
    })
    await target.tap()
  },
  // The key of a screen keyboard begins a line.
  say: async (app, text) => {
    await app.composer.fill(text)
    await app.page.getByRole('button', { name: /^보내기/ }).tap()
  },
  // The drawer lies over the conversation.
  close: async (app) => {
    await app.page.getByRole('dialog', { name: '이미지 살펴보기' }).getByRole('button', { name: '닫기' }).tap()
    await expect(app.page.getByRole('dialog')).toHaveCount(0)
  },
}

async function loop(app: App, page: Page, standIn: StandIn, hand: Hand, panel: Locator) {
  const chip = page.getByText('이 이미지를 고쳐요')
  await app.open()
  await app.choose('알아서', 4)
  await hand.say(app, '가을 커피 신메뉴 라떼 사진')
  await expect(app.pictures).toHaveCount(4)
  await expect(page.getByText('고칠 이미지를 눌러 선택해 주세요')).toBeVisible()
  const four = await made(app)

  // Pick the second; the count is still four.
  await hand.press(app.picture(1))
  await hand.close(app)
  await expect(chip).toBeVisible()
  let subject = four[1] as Made
  for (const [n, wish] of ['배경을 남색으로 바꿔 주세요', '글자를 더 크게 해 주세요', '오른쪽에 눈송이를 더해 주세요'].entries()) {
    await hand.say(app, wish)
    await expect(app.pictures).toHaveCount(5 + n)
    expect((await turns(app))[1 + n]).toMatchObject({ kind: 'converse', content: wish, image_id: subject.id, count: 1 })
    const pictures = await made(app)
    const child = pictures.at(-1) as Made
    expect(child.parent_image_id).toBe(subject.id)
    // The model sees the picture that was picked, and none of those that were not.
    const seen = await told(standIn)
    expect(seen).toContain(subject.sha256)
    for (const other of [four[0], four[2], four[3]]) expect(seen).not.toContain(other?.sha256)
    subject = child
    await expect(chip).toBeVisible()
  }

  // After a reload the newest of the line is still what one's words change.
  await page.reload()
  await expect(page.locator('#root > .first')).toHaveCount(0)
  await page.evaluate(() => document.fonts.ready) // the thread stays at its end while it grows
  await expect(chip).toBeVisible()

  // Back to the first change, and branch from there.
  const [, , , , first, second] = await made(app)
  await hand.press(app.picture(4))
  await expect(panel.getByText('새 버전이 있어요')).toBeVisible()
  await hand.close(app)
  await hand.say(app, '대신 배경을 초록색으로 해 주세요')
  await expect(app.pictures).toHaveCount(8)
  expect((await turns(app)).at(-1)).toMatchObject({ kind: 'converse', image_id: first?.id, count: 1 })
  const branch = (await made(app)).at(-1) as Made
  expect(branch.parent_image_id).toBe(first?.id)
  expect(await told(standIn)).not.toContain(second?.sha256)

  // Compare the branch with what it was made from.
  await hand.press(app.picture(7))
  await expect(page).toHaveURL(new RegExp(`img=${branch.id}`))
  await expect(panel.getByRole('button', { name: '버전 5, 버전 2에서 고쳤어요' })).toBeVisible()
  await hand.press(panel.getByRole('button', { name: '비교하기' }))
  const compare = page.getByRole('dialog', { name: '비교하기' })
  await expect(compare.getByRole('combobox', { name: '왼쪽' })).toHaveValue(first?.id as string)
  await expect(compare.getByRole('combobox', { name: '오른쪽' })).toHaveValue(branch.id)
  await page.keyboard.press('Escape')
  await expect(compare).toBeHidden()

  // Take it home in three placements, each made from the branch.
  await hand.press(panel.getByRole('button', { name: '내보내기' }))
  const dialog = page.getByRole('dialog', { name: '내보내기' })
  const chosen = dialog.getByRole('listitem').getByRole('button', { pressed: true })
  await expect(chosen).toHaveCount(1)
  for (const purpose of ['banner_web', 'email_header']) await hand.press(dialog.locator(`[data-purpose=${purpose}]`).first().getByRole('button').first())
  await expect(chosen).toHaveCount(3)
  const pack = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/exports'))
  const download = page.waitForEvent('download')
  await hand.press(dialog.getByRole('button', { name: /^ZIP/ }))
  expect(((await pack).postDataJSON() as { image_id: string }).image_id).toBe(branch.id)
  const files = unzipSync(readFileSync(await (await download).path()))
  const manifest = JSON.parse(strFromU8(files['manifest.json'] as Uint8Array)) as { name: string; sha256: string; source_image_id?: string }[]
  expect(manifest).toHaveLength(3)
  for (const entry of manifest) expect(createHash('sha256').update(files[entry.name] as Uint8Array).digest('hex')).toBe(entry.sha256)
}

test.use({ standInFlags: [] })

test('the loop, by the mouse', async ({ app, page, standIn }) => {
  test.slow()
  await loop(app, page, standIn, mouse, app.inspector)
})

test('the loop, by keys alone', async ({ app, page, standIn }) => {
  test.slow()
  await loop(app, page, standIn, keyboard, app.inspector)
})

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

  test('the loop, by touch', async ({ app, page, standIn }) => {
    test.slow()
    await loop(app, page, standIn, touch, page.getByRole('dialog', { name: '이미지 살펴보기' }))
  })
})

test('what is dropped is not changed, and making anew says so', async ({ app, page }) => {
  await app.open()
  await app.choose('알아서', 1)
  await app.say('바닷가의 등대')
  await expect(app.pictures).toHaveCount(1)
  await expect(page.getByText('이 이미지를 고쳐요')).toBeVisible()
  await page.getByRole('button', { name: '이 이미지 수정 그만두기' }).click()
  await expect(page.getByText('새 이미지를 만들어요')).toBeVisible()
  await app.choose('알아서', 2)
  await app.say('산속의 오두막')
  await expect(app.pictures).toHaveCount(3)
  const [, anew] = await turns(app)
  expect(anew).toMatchObject({ kind: 'generate', count: 2 })
  expect(anew?.image_id).toBeUndefined()
})

test('one click makes four more, one alike, or another take', async ({ app }) => {
  await app.open()
  await app.choose('알아서', 1)
  await app.say('바닷가의 등대')
  await expect(app.pictures).toHaveCount(1)
  const [first] = await made(app)
  const again = app.inspector.getByRole('group', { name: '더 만들기' })
  await app.picture(0).click()
  await again.getByRole('button', { name: '네 장 더' }).click()
  await expect(app.pictures).toHaveCount(5)
  const [, more] = await turns(app)
  expect(more).toMatchObject({ kind: 'generate', content: '바닷가의 등대', count: 4 })
  expect(more?.image_id).toBeUndefined()
  for (const [n, name] of ['비슷하게 다시', '다른 느낌으로'].entries()) {
    await app.picture(0).click()
    await again.getByRole('button', { name }).click()
    await expect(app.pictures).toHaveCount(6 + n)
    expect((await turns(app))[2 + n]).toMatchObject({ kind: 'refine', image_id: first?.id })
  }
})

test('an earlier message, said differently, begins a branch where it was said', async ({ app, page }) => {
  await app.open()
  await app.choose('알아서', 1)
  for (const [n, words] of ['바닷가의 등대', '배경을 남색으로 바꿔 주세요', '글자를 더 크게 해 주세요'].entries()) {
    await app.say(words)
    await expect(app.pictures).toHaveCount(n + 1)
  }
  const [first] = await made(app)
  await app.said.nth(1).hover()
  await app.said.nth(1).getByRole('button', { name: '고쳐서 다시 보내기' }).click()
  await expect(app.composer).toHaveValue('배경을 남색으로 바꿔 주세요')
  await expect(page.getByText('이 이미지를 고쳐요')).toBeVisible()
  await app.say('배경을 초록색으로 바꿔 주세요')
  await expect(app.pictures).toHaveCount(4)
  expect((await turns(app)).at(-1)).toMatchObject({ image_id: first?.id })
  expect((await made(app)).at(-1)?.parent_image_id).toBe(first?.id)
})

test('what a picture was made with comes back: words, settings and references', async ({ app, page }) => {
  await app.open()
  await page.locator('input[type=file]').setInputFiles({ name: 'cup.png', mimeType: 'image/png', buffer: await pngOf(page, 'teal') })
  await expect(page.getByAltText('참고 이미지 1')).toBeVisible()
  await app.choose('이미지', 2)
  await app.say('도자기 컵')
  await expect(app.pictures).toHaveCount(2)
  await app.choose('대화만')
  await app.picture(0).click()
  await app.inspector.getByRole('button', { name: '이 설정으로 다시 쓰기' }).click()
  await expect(app.composer).toHaveValue('도자기 컵')
  await expect(page.getByRole('button', { name: /^옵션: 2장/ })).toBeVisible()
  await expect(page.locator('form').getByAltText('참고 이미지 1')).toBeVisible()
  await expect(page.getByText('새 이미지를 만들어요')).toBeVisible()
})
