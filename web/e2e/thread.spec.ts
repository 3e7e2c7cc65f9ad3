import type { Locator } from '@playwright/test'
import { expect, test } from './app.ts'

const long = Array.from({ length: 60 }, (_, n) => `${n + 1}번째 줄이에요. 바닷가의 등대와 파도를 아주 자세히 적은 글이에요.`).join('\n')

/** How far the end of the thread is out of sight, in px. */
const rest = (thread: Locator) => thread.evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight))

test('one\'s own message and what comes back are in sight, also after long ones', async ({ app }) => {
  await app.conversation()
  await app.choose('이미지')
  for (const [n, text] of [long.slice(0, 1900), '짧은 말', '또 짧은 말', long.slice(0, 1900), '끝으로 한마디'].entries()) {
    await app.say(text)
    await expect(app.said).toHaveCount(n + 1)
    await expect(app.pictures).toHaveCount(n + 1)
    await expect.poll(() => rest(app.thread)).toBeLessThan(2)
    await expect(app.pictures.last()).toBeInViewport()
  }
})

test('what one says oneself is gone to, what is said elsewhere leaves the page where one reads', async ({ app, page }) => {
  const id = await app.conversation()
  await app.choose('이미지')
  await app.say(long.slice(0, 1900))
  await expect(app.pictures).toHaveCount(1)
  await expect.poll(() => rest(app.thread)).toBeLessThan(2)
  await app.thread.hover()
  await page.mouse.wheel(0, -3000)
  await expect.poll(() => app.thread.evaluate((box) => box.scrollTop)).toBe(0)
  const elsewhere = await page.request.post(`${app.url}/api/image-chat/sessions/${id}/turns`, { data: { kind: 'generate', content: '다른 창에서 한 말' } })
  expect(elsewhere.status()).toBe(202)
  await expect(app.pictures).toHaveCount(2)
  expect(await app.thread.evaluate((box) => box.scrollTop)).toBe(0)
  await app.say('내가 한 말')
  await expect(app.pictures).toHaveCount(3)
  await expect.poll(() => rest(app.thread)).toBeLessThan(2)
})

for (const way of ['key', 'click'] as const) {
  test(`after the first message, sent by ${way}, one goes on by talking`, async ({ app, page }) => {
    await app.open()
    await app.composer.fill('바닷가의 등대')
    if (way === 'key') await app.composer.press('Enter')
    else await page.getByRole('button', { name: /^보내기/ }).click()
    await expect(page).toHaveURL(/\/c\//)
    await expect(app.said).toHaveCount(1)
    await expect(app.composer).toBeFocused()
  })
}
