import type { Locator } from '@playwright/test'
import { expect, pngOf, test, type App } from './app.ts'

/** Which message lies at the upper edge of the thread. */
const atEdge = (thread: Locator) =>
  thread.evaluate((box) => [...box.querySelectorAll('article')].find((one) => one.getBoundingClientRect().bottom > box.getBoundingClientRect().top)?.textContent)

async function talk(app: App, words: number) {
  const id = await app.conversation()
  for (let n = 0; n < words; n++) {
    const answer = await app.page.request.post(`${app.url}/api/image-chat/sessions/${id}/message`, { data: { content: `${n}번째 말. ${'길게 이어지는 이야기예요. '.repeat(n % 3 === 0 ? 40 : 2)}` } })
    expect(answer.status()).toBe(200)
  }
  return id
}

test('a thread is found again where it was left, and at its end when it is opened anew', async ({ app, page }) => {
  const id = await talk(app, 9)
  await app.open(`/c/${id}`)
  await expect(app.said.last()).toBeInViewport()
  await app.thread.hover()
  await page.mouse.wheel(0, -1200)
  await expect(page.getByRole('button', { name: '맨 아래로' })).toBeVisible()
  const left = await atEdge(app.thread)
  await page.getByRole('link', { name: '갤러리' }).click()
  await expect(page.getByRole('heading', { name: '갤러리' })).toBeVisible()
  await page.goBack()
  await expect.poll(() => atEdge(app.thread)).toBe(left)
  await page.reload()
  await expect.poll(() => atEdge(app.thread)).toBe(left)
  await page.getByRole('link', { name: '갤러리' }).click()
  await page.getByRole('link', { name: /시험 대화/ }).click()
  await expect(app.said.last()).toBeInViewport()
})

test('the gallery is found again where it was left', async ({ app, page }) => {
  await app.onePicture()
  const png = (await pngOf(page, '#369', 320, 320)).toString('base64')
  // Many pictures, made of one: the gallery's pages are as the server would give them.
  await page.route('**/api/image-chat/images?*', async (route) => {
    const answer = await route.fetch()
    const { images } = (await answer.json()) as { images: { id: string }[] }
    const [one] = images
    await route.fulfill({ response: answer, json: { images: Array.from({ length: 60 }, (_, n) => ({ ...one, id: n === 0 ? one?.id : `${one?.id}-${n}`, width: 320, height: 320 })) } })
  })
  await page.route(/\/images\/[^/]+-\d+\/content/, (route) => route.fulfill({ contentType: 'image/png', body: Buffer.from(png, 'base64') }))
  await app.open('/gallery')
  const gallery = page.locator('[data-gallery]')
  await gallery.hover()
  await page.mouse.wheel(0, 1500)
  const top = () => gallery.evaluate((box) => box.scrollTop)
  await expect.poll(top).toBe(1500)
  // A picture that is in sight: to click another one would scroll.
  await page.mouse.click(700, 500)
  await expect(page).toHaveURL(/\/c\//)
  await page.goBack()
  await expect.poll(top).toBe(1500)
  await page.reload()
  await expect.poll(top).toBe(1500)
})
