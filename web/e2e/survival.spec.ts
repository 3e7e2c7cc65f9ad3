import type { Page } from '@playwright/test'
import { expect, test } from './app.ts'

// What a person has before them stays, whatever is missing: a piece of the app, the network, an answer.

test.describe('a piece of the app that cannot be fetched', () => {
  test.use({ cutsLines: true })

  test('takes nothing away while offline, and comes when the network does', async ({ app, page, context }) => {
    await app.conversation()
    await app.composer.fill('아직 보내지 않은 말')
    await context.setOffline(true)
    await page.getByRole('link', { name: '사용량' }).click()
    await expect(page.getByRole('heading', { name: '이 화면을 불러오지 못했어요' })).toBeVisible()
    await expect(page.getByRole('list', { name: '대화' })).toBeVisible()
    await page.goBack()
    await expect(app.composer).toHaveValue('아직 보내지 않은 말')
    await page.goForward()
    await expect(page.getByRole('heading', { name: '이 화면을 불러오지 못했어요' })).toBeVisible()
    await context.setOffline(false)
    await expect(page.getByRole('heading', { name: '사용량' })).toBeVisible()
  })

  test('reloads the page once after a deployment, with the draft', async ({ app, page }) => {
    await app.conversation()
    await app.composer.fill('아직 보내지 않은 말')
    let loads = 0
    page.on('load', () => (loads += 1))
    await page.route('**/assets/usage-*.js', (route) => route.fulfill({ status: 404, body: 'not found' }))
    await page.getByRole('link', { name: '사용량' }).click()
    await expect.poll(() => loads).toBe(1)
    await expect(page.getByRole('heading', { name: '이 화면을 불러오지 못했어요' })).toBeVisible()
    await expect(page.getByRole('list', { name: '대화' })).toBeVisible()
    await page.goBack()
    await expect(app.composer).toHaveValue('아직 보내지 않은 말')
    expect(loads).toBe(1)
  })
})

/** Holds back the first turn that the page asks for; everything after it goes through. */
async function holdFirstTurn(page: Page) {
  let asked = 0
  await page.route('**/turns', (route) => (asked++ === 0 ? undefined : route.continue()))
}

test('a message that a reload cuts off is sent again by itself', async ({ app, page }) => {
  const id = await app.onePicture()
  await holdFirstTurn(page)
  await app.say('둘째 말')
  await expect(app.thread.getByText('보내고 있어요')).toBeVisible()
  await page.reload()
  await expect(app.pictures).toHaveCount(2)
  await expect(app.thread.getByText('보내고 있어요')).toHaveCount(0)
  expect((await app.messages(id)).filter((one) => one.role === 'user')).toHaveLength(2)
})

test('a message that had arrived after all stands there once', async ({ app, page }) => {
  const id = await app.onePicture()
  const held = page.waitForRequest('**/turns')
  await page.route('**/turns', () => {})
  await app.say('둘째 말')
  const request = await held
  const body = await page.evaluate(() => {
    const { state } = JSON.parse(sessionStorage.getItem('imagechat.outgoing') ?? '{}') as { state: { items: { request: unknown }[] } }
    return state.items.at(-1)?.request
  })
  await page.goto('about:blank')
  await page.request.post(request.url(), { data: body, headers: { 'Idempotency-Key': (await request.allHeaders())['idempotency-key'] as string, Prefer: 'wait=20' } })
  await page.unroute('**/turns')
  await app.open(`/c/${id}`)
  await expect(app.pictures).toHaveCount(2)
  await expect(app.said).toHaveCount(2)
  expect((await app.messages(id)).filter((one) => one.role === 'user')).toHaveLength(2)
})

test('what was marked and wished is there again when the dialog was closed by accident', async ({ app, page }) => {
  await app.onePicture()
  await app.inspector.getByRole('button', { name: '부분 표시하기' }).click()
  const dialog = page.getByRole('dialog', { name: '부분 표시하기' })
  await dialog.getByRole('application').press('Enter')
  await dialog.getByLabel('표시한 곳을 어떻게 바꿀까요?').fill('손잡이를 금색으로')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await app.inspector.getByRole('button', { name: '부분 표시하기' }).click()
  await expect(dialog.getByLabel('표시한 곳을 어떻게 바꿀까요?')).toHaveValue('손잡이를 금색으로')
  await dialog.locator('.btn-accent').click()
  await expect(app.pictures).toHaveCount(2)
  await app.picture(0).click()
  await app.inspector.getByRole('button', { name: '부분 표시하기' }).click()
  await expect(dialog.getByLabel('표시한 곳을 어떻게 바꿀까요?')).toHaveValue('')
})

test('the sidebar goes by what was done last, and marks what nobody has seen', async ({ app, page }) => {
  const first = await app.conversation('먼저 만든 대화')
  await app.conversation('나중에 만든 대화')
  const list = page.getByRole('list', { name: '대화' }).getByRole('link')
  await expect(list.first()).toContainText('나중에 만든 대화')
  await list.nth(1).click()
  await expect(page).toHaveURL(new RegExp(first))
  await app.choose('이미지')
  await app.say('바닷가의 등대')
  await page.getByRole('link', { name: '갤러리' }).click()
  await expect(list.first()).toContainText('먼저 만든 대화')
  await expect(list.first().getByText('새 답이 있어요')).toBeAttached()
  await list.first().click()
  await expect(app.pictures).toHaveCount(1)
  await expect(page.getByText('새 답이 있어요')).toHaveCount(0)
})

test('Escape in the search field empties it and stops nothing', async ({ app, page }) => {
  await app.conversation()
  let cancelled = 0
  page.on('request', (request) => (cancelled += request.url().endsWith('/cancel') ? 1 : 0))
  await app.choose('이미지', 4)
  await app.say('바닷가의 등대')
  const search = page.getByRole('searchbox', { name: /대화 검색|대화 검색/ })
  await search.fill('등')
  await search.press('Escape')
  await expect(search).toHaveValue('')
  await expect(app.pictures).toHaveCount(4)
  expect(cancelled).toBe(0)
})

test('a conversation that does not exist is asked for, and no line to it is tried', async ({ app, page }) => {
  const sockets: string[] = []
  let asked = 0
  page.on('websocket', (socket) => sockets.push(socket.url()))
  page.on('request', (request) => (asked += /sessions\/01a00000/.test(request.url()) ? 1 : 0))
  await app.open('/c/01a00000-0000-7000-8000-000000000000')
  await expect(page.getByRole('heading', { name: /찾을 수 없어요|찾는 곳이/ })).toBeVisible()
  expect(sockets).toEqual([])
  expect(asked).toBeLessThanOrEqual(2)
})

test('an address names a picture that is gone, and no other stands in its place', async ({ app, page }) => {
  const id = await app.onePicture()
  await app.open(`/c/${id}?img=01a00000-0000-7000-8000-000000000000`)
  await expect(app.inspector.getByText('이 이미지를 찾을 수 없어요')).toBeVisible()
  await expect(app.inspector.getByRole('button', { name: '내보내기' })).toHaveCount(0)
  await app.inspector.getByRole('button', { name: '닫기' }).click()
  await expect(page).toHaveURL(new RegExp(`/c/${id}$`))
})

test('a picture of long ago is read back to', async ({ app, page }) => {
  test.slow()
  const id = await app.onePicture()
  const [old] = (await app.messages(id)).flatMap((one) => one.images)
  for (let n = 0; n < 105; n++) await page.request.post(`${app.url}/api/image-chat/sessions/${id}/message`, { data: { content: `${n}번째 말` } })
  await app.open(`/c/${id}?img=${old?.id}`)
  await expect(app.pictures).toHaveCount(1)
  await expect(app.thread.locator('[aria-current]')).toHaveCount(1)
  await expect(app.inspector.getByRole('button', { name: '내보내기' })).toBeVisible()
})
