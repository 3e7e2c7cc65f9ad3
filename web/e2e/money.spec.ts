import { expect, test } from './app.ts'

test.use({ standInFlags: [] })

test('a stop tells what it cost, has no error number, and prices another try', async ({ app, page }) => {
  await app.conversation()
  await app.choose('이미지')
  await app.say('[[hold]] 향초')
  await expect(app.thread.getByText('이미지를 만들고 있어요')).toBeVisible()
  await expect(app.thread.getByText('지금 멈춰도 비용은 들 수 있어요')).toBeVisible()
  await app.thread.getByRole('button', { name: '멈추기' }).click()
  await expect(app.thread.getByRole('heading', { name: '멈췄어요' })).toBeVisible()
  const { usd } = (await (await page.request.get(`${app.url}/api/image-chat/usage`)).json()) as { usd: number }
  expect(usd).toBeGreaterThan(0)
  const spent = `$${usd.toFixed(3).replace(/(\.\d\d)0$/, '$1')}`
  await expect(app.thread.getByText(`이 요청에 약 ${spent}가 들었어요.`)).toBeVisible()
  await expect(app.thread.getByRole('button', { name: /^다시 시도하기 \(약 \$0\.0/ })).toBeVisible()
  await expect(app.thread.getByRole('button', { name: '오류 번호 복사하기' })).toHaveCount(0)
  // The same figure after a reload.
  await page.reload()
  await expect(app.thread.getByText(`이 요청에 약 ${spent}가 들었어요.`)).toBeVisible()
})

test('a stop before anything was asked of the model is told to be free', async ({ app }) => {
  await app.conversation()
  await app.choose('이미지')
  await app.say('[[hold]] 향초')
  await expect(app.thread.getByText('이미지를 만들고 있어요')).toBeVisible()
  await app.say('다음 이미지')
  await expect(app.thread.getByText(/앞에 \d개가 있어요|차례를 기다리고 있어요/)).toBeVisible()
  await app.thread.getByRole('button', { name: '멈추기' }).last().click()
  await expect(app.thread.getByText('비용은 들지 않았어요.')).toBeVisible()
})

test.describe('with a budget that one more picture passes', () => {
  test.use({ environment: { DAILY_BUDGET_USD: '0.08' } })

  test('the button is warned of, the refusal names what is left, and no empty conversation stays', async ({ app, page, standIn }) => {
    await app.open('/')
    await app.choose('이미지')
    await app.say('찻잔')
    await expect(app.pictures).toHaveCount(1)
    await page.getByRole('link', { name: '새 대화' }).first().click()
    await app.composer.fill('접시')
    const left = page.getByText(/남은 예산 \$0\.04\d*보다 비싼 요청이에요\./)
    await expect(left).toBeVisible()
    await app.composer.press('Enter')
    const refusal = page.getByRole('alert')
    await expect(refusal).toContainText(/남은 예산 \$0\.04\d*보다 비싼 요청이에요\(예상 비용 \$0\.04\d*, 예산 \$0\.08\)/)
    await expect(refusal.getByRole('link', { name: '사용량 보기' })).toBeVisible()
    await expect(app.composer).toHaveValue('접시')
    await expect(page.getByRole('list', { name: '대화' }).getByRole('link')).toHaveCount(1)
    expect(await standIn.calls()).toBe(1)
    // Usage says the same of what is left.
    const said = (await left.textContent())?.match(/\$[\d.]+/)?.[0] ?? ''
    await page.getByRole('link', { name: '사용량' }).first().click()
    await expect(page.getByText(`${said} 남았어요`)).toBeVisible()
  })
})

test.describe('with a key that Gemini rejects', () => {
  test.use({ standInFlags: ['-key', 'right'] })

  test('home and settings say so before the first message, and what to do', async ({ app, page }) => {
    await app.open('/')
    const warning = page.getByRole('region', { name: '서버가 알리는 문제' })
    await expect(warning).toContainText('GEMINI_API_KEY를 고치고')
    await expect(warning).toContainText('imagechat doctor')
    await page.getByRole('link', { name: '설정' }).first().click()
    await expect(warning).toContainText('Gemini가 이 API 키를 거절해서')
    await expect(page.getByText('확인할 문제가 있어요')).toBeVisible()
    await page.getByRole('radio', { name: 'English' }).check({ force: true })
    await expect(page.getByRole('region', { name: 'Problems the server reports' })).toContainText('The Gemini API rejects the key')
  })
})
