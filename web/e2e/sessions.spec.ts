import { expect, test } from './app.ts'

const titles = ['유자 에이드 여름 배너', '도자기 컵 상세페이지', '봄 세일 인스타그램']

test.beforeEach(async ({ app }) => {
  for (const title of titles) await app.conversation(title)
  await app.open()
})

test('conversations are found by words, half-typed syllables and initials', async ({ page }) => {
  const list = page.getByRole('list', { name: '대화' })
  const field = page.getByRole('searchbox', { name: /대화 찾기/ })
  for (const [query, want] of [['컵', titles[1]], ['윶', titles[0]], ['ㅂㅅㅇ', titles[2]], ['ㅇㅇㄷ', titles[0]]] as const) {
    await field.fill(query)
    await expect(list.getByRole('listitem')).toHaveCount(1)
    await expect(list.getByRole('listitem')).toContainText(want as string)
  }
  await field.fill('없는 말')
  await expect(page.getByText('찾는 대화가 없어요')).toBeVisible()
})

test('a conversation is renamed in place', async ({ page }) => {
  await page.getByRole('button', { name: `‘${titles[0]}’ 대화 메뉴` }).click()
  await page.getByRole('menuitem', { name: '이름 바꾸기' }).click()
  await page.getByRole('textbox', { name: '대화 이름' }).fill('여름 배너 최종')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('link', { name: /여름 배너 최종/ })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('link', { name: /여름 배너 최종/ })).toBeVisible()
})

test('a conversation goes to the archive and back', async ({ page }) => {
  await page.getByRole('button', { name: `‘${titles[1]}’ 대화 메뉴` }).click()
  await page.getByRole('menuitem', { name: '보관하기' }).click()
  await expect(page.getByRole('link', { name: new RegExp(titles[1] as string) })).toHaveCount(0)
  await page.getByRole('button', { name: '보관함' }).click()
  await expect(page.getByRole('link', { name: new RegExp(titles[1] as string) })).toBeVisible()
  await page.getByRole('button', { name: '되돌리기' }).click()
  await page.getByRole('button', { name: '진행 중' }).click()
  await expect(page.getByRole('link', { name: new RegExp(titles[1] as string) })).toBeVisible()
})

test('a deleted conversation can be taken back, and is gone when the page is left', async ({ page }) => {
  const link = page.getByRole('link', { name: new RegExp(titles[2] as string) })
  const remove = async () => {
    await page.getByRole('button', { name: `‘${titles[2]}’ 대화 메뉴` }).click()
    await page.getByRole('menuitem', { name: '대화 지우기' }).click()
    await expect(link).toHaveCount(0)
  }
  await remove()
  await page.getByRole('button', { name: '되돌리기' }).click()
  await expect(link).toBeVisible()
  await remove()
  await page.reload()
  await expect(page.getByRole('link', { name: new RegExp(titles[0] as string) })).toBeVisible()
  await expect(link).toHaveCount(0)
})

test('brand guidelines are kept with the conversation', async ({ page }) => {
  await page.getByRole('link', { name: new RegExp(titles[0] as string) }).click()
  await page.getByRole('button', { name: '브랜드 지침' }).click()
  const form = page.getByRole('dialog', { name: '브랜드 지침' })
  await form.getByLabel('브랜드 이름').fill('하루차')
  await form.getByRole('button', { name: '색 더하기' }).click()
  await form.getByLabel('색 이름 1').fill('유자 노랑')
  await form.getByLabel('꼭 해 주세요').fill('여백을 넉넉히\n자연광')
  await form.getByRole('button', { name: '지침 저장하기' }).click()
  await expect(form).toBeHidden()
  await page.reload()
  await page.getByRole('button', { name: '브랜드 지침' }).click()
  await expect(form.getByLabel('브랜드 이름')).toHaveValue('하루차')
  await expect(form.getByLabel('색 이름 1')).toHaveValue('유자 노랑')
  await expect(form.getByLabel('꼭 해 주세요')).toHaveValue('여백을 넉넉히\n자연광')
})
