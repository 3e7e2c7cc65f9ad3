import { expect, test } from './app.ts'

test('home shows Kakao and Naver among the first formats, and the way to all', async ({ app, page }) => {
  await app.open('/')
  const cards = page.getByRole('group', { name: '어디에 쓰나요?' })
  await expect(cards.getByRole('button', { name: /카카오/ })).toBeVisible()
  await expect(cards.getByRole('button', { name: /스마트스토어/ })).toBeVisible()
  await cards.getByRole('button', { name: /^모두 보기 \(\d+\)$/ }).click()
  const all = page.getByRole('dialog', { name: '어디에 쓰나요?' })
  await all.getByRole('searchbox').fill('비즈보드')
  await expect(all.getByRole('button', { name: /카카오 비즈보드/ }).first()).toContainText('제출하기 전에 지워 주세요')
  await all.getByRole('button', { name: /카카오 비즈보드/ }).first().click()
  await expect(page.getByRole('button', { name: /^용도: 카카오 비즈보드/ })).toBeVisible()
})

test('an example brings its purpose and its words, and recent work leads back', async ({ app, page }) => {
  await app.open('/')
  await page.getByRole('region', { name: '이렇게 시작해 보세요' }).getByRole('button', { name: /핫초코/ }).click()
  await expect(app.composer).toHaveValue(/겨울 핫초코/)
  await expect(app.composer).toBeFocused()
  await expect(page.getByRole('button', { name: '용도: 웹 배너' })).toBeVisible()
  const broken = await page.getByRole('region', { name: '이렇게 시작해 보세요' }).locator('img').evaluateAll(async (all) => {
    await Promise.all(all.map((one) => (one as HTMLImageElement).decode()))
    return all.filter((one) => (one as HTMLImageElement).naturalWidth === 0).length
  })
  expect(broken).toBe(0)
  await app.choose('이미지')
  await app.composer.press('Enter')
  await expect(app.pictures).toHaveCount(1)
  await page.getByRole('link', { name: '새 대화' }).first().click()
  const recent = page.getByRole('region', { name: '최근 작업' })
  await recent.getByRole('link').nth(1).click()
  await expect(page).toHaveURL(/\/c\/.+img=/)
})

test('a picture of the gallery goes along with what is made next', async ({ app, page }) => {
  await app.onePicture()
  const [picture] = (await app.messages(new URL(page.url()).pathname.split('/').pop() ?? '')).flatMap((one) => one.images)
  await app.open('/gallery')
  const cell = page.getByRole('listbox', { name: '이미지 목록' }).getByRole('option').first()
  await cell.hover()
  // The box that appears under the pointer.
  await cell.locator('[data-check]').click()
  await expect(cell).toHaveAttribute('aria-selected', 'true')
  await page.getByRole('button', { name: '참고 이미지로 쓰기' }).click()
  await expect(page.getByRole('img', { name: '참고 이미지 1' })).toBeVisible()
  const answer = page.waitForResponse((one) => one.request().method() === 'POST' && one.url().endsWith('/turns'))
  await page.getByRole('button', { name: '참고 이미지 1의 역할: 참고' }).click()
  await page.getByRole('menuitem', { name: '스타일' }).click()
  await app.say('같은 느낌의 커피 광고')
  const { request } = (await (await answer).json()) as { request: object }
  expect(request).toMatchObject({ reference_image_ids: [picture?.id], reference_roles: ['style'] })
})
