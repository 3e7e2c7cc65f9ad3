import type { Page } from '@playwright/test'
import { expect, test } from './app.ts'

test.use({ standInFlags: [], cutsLines: true })

/** Waits until the page has asked for its conversation in vain: so many tries that not all can be the line's own. */
async function expectAskedInVain(page: Page, cut: () => Promise<void>) {
  let failed = 0
  page.on('requestfailed', (one) => {
    if (one.method() === 'GET' && /\/sessions\/[^/]+$/.test(one.url())) failed += 1
  })
  await cut()
  await expect.poll(() => failed, { timeout: 40_000 }).toBeGreaterThanOrEqual(12)
}

test('a reload in the middle of a turn shows it going on', async ({ app, page, standIn }) => {
  await app.open()
  await app.choose('이미지')
  await app.say('[[hold]] 원두 봉투')
  await expect(app.thread.getByText('이미지를 만들고 있어요')).toBeVisible()
  await page.reload()
  await expect(app.said).toHaveCount(1)
  await expect(app.thread.getByText('이미지를 만들고 있어요')).toBeVisible()
  await standIn.release()
  await expect(app.pictures).toHaveCount(1)
  await expect(app.said).toHaveCount(1)
  expect(await standIn.calls()).toBe(1)
})

test('a server that dies and comes back in the middle of a turn says what became of it', async ({ app, page, server, standIn }) => {
  await app.open()
  await app.choose('이미지')
  await app.say('[[hold]] 손 세정제')
  await expect(app.thread.getByText('이미지를 만들고 있어요')).toBeVisible()
  await expect.poll(() => standIn.calls()).toBe(1)
  await app.composer.focus()
  await expectAskedInVain(page, () => server.kill())
  // Whether a server that does not answer goes on, nobody knows.
  await expect(page.getByText('만들던 이미지가 어떻게 됐는지 알려 드릴게요.')).toBeVisible()
  await expect(page.getByText('계속 진행돼요')).toHaveCount(0)
  await expect(app.said).toHaveCount(1)
  await expect(app.composer).toBeFocused()
  await server.start()
  await expect(page.getByText('서버와 연결이 끊겼어요')).toBeHidden({ timeout: 30_000 })
  await expect(app.thread.getByRole('heading', { name: '서버가 다시 시작되면서 끊겼어요' })).toBeVisible()
  // Nothing is bought again without being asked.
  expect(await standIn.calls()).toBe(1)
  await standIn.release()
  await app.thread.getByRole('button', { name: /^다시 시도하기/ }).click()
  await expect.poll(() => standIn.calls()).toBe(2)
  await standIn.release()
  await expect(app.pictures).toHaveCount(1)
  await expect(app.thread.getByRole('heading', { name: '서버가 다시 시작되면서 끊겼어요' })).toBeHidden()
})

test('two tabs show the same conversation as it grows', async ({ app, page, context }) => {
  const id = await app.conversation()
  const other = await context.newPage()
  await other.goto(`${app.url}/c/${id}`)
  await expect(other.getByRole('textbox', { name: '만들 이미지나 고칠 점' })).toBeVisible()
  await app.choose('이미지')
  await app.say('[[slow 1s]] 여름 모자')
  const thread = other.getByRole('log', { name: '대화 내용' })
  await expect(thread.getByText('여름 모자')).toBeVisible()
  await expect(thread.getByRole('figure')).toHaveCount(1)
  await expect(app.pictures).toHaveCount(1)
  await expect(page.getByText('아직 보내지 못했어요')).toHaveCount(0)
})

test('what is said offline is kept and sent once the line is back', async ({ app, page, context }) => {
  const id = await app.conversation()
  await app.choose('이미지')
  await context.setOffline(true)
  await expect(page.getByText('서버와 연결이 끊겼어요')).toBeVisible()
  await expectAskedInVain(page, () => app.say('겨울 장갑'))
  await expect(page.getByText('서버와 연결이 끊겼어요')).toBeVisible()
  await expect(app.thread.getByText('연결되면 바로 보낼게요')).toBeVisible()
  await expect(app.composer).toBeFocused()
  await context.setOffline(false)
  await expect(app.pictures).toHaveCount(1)
  await expect(page.getByText('서버와 연결이 끊겼어요')).toBeHidden()
  expect((await app.messages(id)).filter((one) => one.role === 'user')).toHaveLength(1)
})

test('stopping ends a turn at once and keeps the words', async ({ app, page }) => {
  await app.conversation()
  await app.choose('이미지')
  await app.say('[[hold]] 향초')
  await expect(app.thread.getByText('이미지를 만들고 있어요')).toBeVisible()
  await page.getByRole('button', { name: '멈추기' }).last().click()
  await expect(app.thread.getByRole('heading', { name: '멈췄어요' })).toBeVisible()
  await app.thread.getByRole('button', { name: '표현 바꿔 보기' }).click()
  await expect(app.composer).toHaveValue('[[hold]] 향초')
})
