import { expect, test } from './app.ts'

test.use({ standInFlags: [] })

test('a refusal is calm, keeps the words, and shows the model\'s own on demand', async ({ app }) => {
  await app.conversation()
  await app.choose('이미지')
  await app.say('[[refuse]] 어떤 장면')
  await expect(app.thread.getByRole('heading', { name: '안전 기준 때문에 만들지 못했어요' })).toBeVisible()
  await app.thread.getByText('모델이 남긴 말').click()
  await expect(app.thread.getByRole('blockquote')).toContainText('Unable to show')
  await app.thread.getByRole('button', { name: '표현 바꿔 보기' }).click()
  await expect(app.composer).toHaveValue('[[refuse]] 어떤 장면')
  await expect(app.composer).toBeFocused()
})

test('a refusal is still there after a reload, and so is what to do', async ({ app, page }) => {
  await app.conversation()
  await app.choose('이미지')
  await app.say('[[block SAFETY]] 어떤 장면')
  const heading = app.thread.getByRole('heading', { name: '안전 기준 때문에 만들지 못했어요' })
  await expect(heading).toHaveCount(1)
  await page.reload()
  await expect(heading).toHaveCount(1)
  await expect(app.thread.getByRole('button', { name: '오류 번호 복사하기' })).toBeVisible()
  await app.thread.getByRole('button', { name: '표현 바꿔 보기' }).click()
  await expect(app.composer).toHaveValue('[[block SAFETY]] 어떤 장면')
})

test('a quota of the minute is waited for, with a countdown, and then the model draws', async ({ app, standIn }) => {
  await app.conversation()
  await app.choose('이미지')
  await app.say('[[429 x1]] 비누')
  await expect(app.thread.getByText(/요청이 몰려서 쉬고 있어요|다시 시도하고 있어요/)).toBeVisible()
  await expect(app.pictures).toHaveCount(1, { timeout: 40_000 })
  expect(await standIn.calls()).toBe(2)
})

test('a quota of the day is not tried again; another model is offered', async ({ app, page, standIn }) => {
  await app.conversation()
  await app.choose('이미지')
  await app.say('[[429day]] 비누')
  await expect(app.thread.getByRole('heading', { name: '오늘 쓸 수 있는 양을 다 썼어요' })).toBeVisible()
  expect(await standIn.calls()).toBe(1)
  await app.thread.getByRole('button', { name: '다른 모델로 만들기' }).click()
  await expect(page.getByRole('menuitem').first()).toBeVisible()
})

test('words where a picture was demanded offer to rephrase', async ({ app }) => {
  await app.conversation()
  await app.choose('이미지')
  await app.say('[[finish NO_IMAGE]] 무언가')
  await expect(app.thread.getByRole('heading', { name: '이번에는 이미지가 나오지 않았어요' })).toBeVisible()
})

test('the price on the button is what the server reserves', async ({ app, page }) => {
  const reserved = async (id: string) => {
    const answer = await page.request.post(`${app.url}/api/image-chat/sessions/${id}/estimate`, { data: { kind: 'generate', content: '컵', count: 2 } })
    return ((await answer.json()) as { estimated_cost_usd: number }).estimated_cost_usd
  }
  const price = async () => Number((await page.getByRole('button', { name: /^보내기, / }).getAttribute('aria-label'))?.split('$')[1])
  const id = await app.conversation()
  await app.choose('이미지', 2)
  const first = await reserved(id)
  await page.getByRole('link', { name: '새 대화' }).first().click()
  await expect.poll(price).toBeCloseTo(first, 2)
  await page.getByRole('list', { name: '대화' }).getByRole('link').click()
  await app.say('컵')
  await expect(app.pictures).toHaveCount(2)
  // What was made goes along with the next request, and is charged.
  const next = await reserved(id)
  expect(next).toBeGreaterThan(first)
  await app.composer.fill('접시')
  await expect.poll(price).toBeCloseTo(next, 3)
})

test.describe('with a budget', () => {
  test.use({ environment: { DAILY_BUDGET_USD: '0.001' } })

  test('a spent budget stops before anything is bought, and leads to the figures', async ({ app, page, standIn }) => {
    await app.conversation()
    await app.choose('이미지')
    await app.say('비싼 그림')
    await expect(app.thread.getByRole('heading', { name: '남은 예산이 부족해요' })).toBeVisible()
    await expect(app.thread.getByText(/남은 예산 \$0\.001보다 비싼/)).toBeVisible()
    await expect(app.thread.getByRole('button', { name: '표현 바꿔 보기' })).toHaveCount(0)
    expect(await standIn.calls()).toBe(0)
    await app.thread.getByRole('button', { name: '입력창으로 되돌리기' }).click()
    await expect(app.composer).toHaveValue('비싼 그림')
    await expect(app.said).toHaveCount(0)
    await app.composer.press('Enter')
    await app.thread.getByRole('link', { name: '사용량 보기' }).click()
    await expect(page.getByRole('meter')).toBeVisible()
  })
})

test.describe('with a login', () => {
  test.use({ environment: { AUTH_TOKENS: 'mina:s3cret-token-of-mina' } })

  test('the page asks for the token once and goes on where one was', async ({ app, page }) => {
    await app.open('/gallery')
    await expect(page).toHaveURL(/\/login/)
    await page.getByLabel('접속 토큰').fill('wrong')
    await page.getByRole('button', { name: '로그인' }).click()
    await expect(page.getByText('토큰이 맞지 않아요')).toBeVisible()
    await page.getByLabel('접속 토큰').fill('s3cret-token-of-mina')
    await page.getByRole('button', { name: '로그인' }).click()
    await expect(page).toHaveURL(/\/gallery$/)
    await expect(page.getByText('아직 만든 이미지가 없어요')).toBeVisible()
  })
})
