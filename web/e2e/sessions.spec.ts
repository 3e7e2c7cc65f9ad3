import { expect, test } from './app.ts'

const titles = ['유자 에이드 여름 배너', '도자기 컵 상세페이지', '봄 세일 인스타그램']

test.beforeEach(async ({ app }) => {
  for (const title of titles) await app.conversation(title)
  await app.open()
})

test('conversations are found by words, half-typed syllables and initials', async ({ page }) => {
  const list = page.getByRole('list', { name: '대화' })
  const field = page.getByRole('searchbox', { name: /대화 검색/ })
  for (const [query, want] of [['컵', titles[1]], ['윶', titles[0]], ['ㅂㅅㅇ', titles[2]], ['ㅇㅇㄷ', titles[0]]] as const) {
    await field.fill(query)
    await expect(list.getByRole('listitem')).toHaveCount(1)
    await expect(list.getByRole('listitem')).toContainText(want as string)
  }
  await field.fill('없는 말')
  await expect(page.getByText('검색 결과가 없어요')).toBeVisible()
})

test.describe('among more conversations than are loaded', () => {
  test('the oldest is found by initials, by a half-typed syllable and by what was said in it', async ({ app, page }) => {
    const base = `${app.url}/api/image-chat`
    const oldest = await app.conversation('겨울 캠핑 포스터')
    await page.request.post(`${base}/sessions/${oldest}/message`, { data: { content: '모닥불 옆의 텐트를 그리고 싶어요' } })
    // Three pages of forty; only the newest is loaded.
    for (let n = 0; n < 120; n += 20) {
      await Promise.all(Array.from({ length: 20 }, (_, i) => page.request.post(`${base}/sessions`, { data: { title: `모임 안내 ${n + i}`, image_purpose: 'banner_web' } })))
    }
    await app.open()
    const list = page.getByRole('list', { name: '대화' })
    const field = page.getByRole('searchbox', { name: /대화 검색/ })
    await expect(list.getByRole('listitem')).toHaveCount(40)
    for (const query of ['ㄱㅇ ㅋㅍ', '캠피', '모닥불', '텐ㅌ']) {
      await field.fill(query)
      await expect(list.getByRole('listitem')).toHaveCount(1)
      await expect(list.getByRole('link')).toHaveText(/겨울 캠핑 포스터/)
    }
    // What fits is paged by the server as well.
    await field.fill('모임')
    await expect(list.getByRole('listitem')).toHaveCount(40)
    await page.getByRole('button', { name: '이전 대화 더 보기' }).click()
    await expect(list.getByRole('listitem')).toHaveCount(80)
    // Without the space between the words the server knows it not; then the titles are looked through here.
    await field.fill('ㄱㅇㅋㅍ')
    await expect(list.getByRole('listitem')).toHaveCount(1)
    await expect(list.getByRole('link')).toHaveText(/겨울 캠핑 포스터/)
  })
})

test('only the query that rests is asked for, and a late answer is dropped', async ({ page }) => {
  const asked: string[] = []
  page.on('request', (one) => {
    const q = new URL(one.url()).searchParams.get('q')
    if (one.url().includes('/sessions?') && q) asked.push(q)
  })
  let release = () => {}
  const held = new Promise<void>((done) => (release = done))
  await page.route(/\/sessions\?.*q=%EC%BB%B5/, async (route) => {
    await held
    await route.continue().catch(() => {})
  })
  const list = page.getByRole('list', { name: '대화' })
  const field = page.getByRole('searchbox', { name: /대화 검색/ })
  const first = page.waitForRequest(/\/sessions\?.*q=%EC%BB%B5/)
  await field.fill('컵')
  await first
  const dropped = page.waitForEvent('requestfailed')
  await field.fill('세일')
  await dropped
  release()
  await expect(list.getByRole('listitem')).toHaveCount(1)
  await expect(list.getByRole('listitem')).toContainText(titles[2] as string)
  await expect.poll(() => asked).toEqual(['컵', '세일'])
})

test('the gallery asks the server too, by initials and half-typed syllables', async ({ app, page }) => {
  const id = await app.conversation('그림')
  for (const prompt of ['도자기 컵', '바닷가의 등대']) await page.request.post(`${app.url}/api/image-chat/sessions/${id}/generate`, { data: { prompt } })
  await app.open('/gallery')
  const options = page.getByRole('listbox', { name: '이미지 목록' }).getByRole('option')
  await expect(options).toHaveCount(2)
  for (const query of ['ㄷㅈㄱ', '등댜', '바닷ㄱ']) {
    const answer = page.waitForResponse((one) => new URL(one.url()).searchParams.get('q') === query)
    await page.getByRole('searchbox', { name: '문장으로 검색' }).fill(query)
    const { images } = (await (await answer).json()) as { images: unknown[] }
    await expect(options).toHaveCount(images.length)
    expect(images.length, query).toBe(query === '등댜' ? 0 : 1)
  }
})

test('a conversation is renamed in place', async ({ page }) => {
  await page.getByRole('button', { name: `‘${titles[0]}’ 대화 메뉴` }).click()
  await page.getByRole('menuitem', { name: '이름 바꾸기' }).click()
  await page.getByRole('textbox', { name: '대화 이름' }).fill('여름 배너 최종')
  await page.keyboard.press('Enter')
  const link = page.getByRole('link', { name: /여름 배너 최종/ })
  await expect(link).toBeVisible()
  await expect(link).toBeFocused()
  await page.getByRole('button', { name: '‘여름 배너 최종’ 대화 메뉴' }).click()
  await page.getByRole('menuitem', { name: '이름 바꾸기' }).click()
  await page.getByRole('textbox', { name: '대화 이름' }).press('Escape')
  await expect(link).toBeFocused()
  await page.reload()
  await expect(link).toBeVisible()
})

test('a conversation that is renamed elsewhere has its new name on the page and in the list', async ({ app, page }) => {
  const id = await app.conversation('처음 이름')
  const link = page.getByRole('list', { name: '대화' }).getByRole('link', { name: /처음 이름/ })
  await expect(link).toBeVisible()
  await page.request.patch(`${app.url}/api/image-chat/sessions/${id}`, { data: { title: '나중 이름' } })
  await expect(page.getByRole('heading', { level: 1, name: '나중 이름' })).toBeVisible()
  await expect(page.getByRole('list', { name: '대화' }).getByRole('link', { name: /나중 이름/ })).toBeVisible()
  await expect(link).toHaveCount(0)
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
  // The newest is the first; the one below takes the focus, and gives it back.
  await expect(page.getByRole('link', { name: new RegExp(titles[1] as string) })).toBeFocused()
  await page.getByRole('button', { name: '되돌리기' }).click()
  await expect(link).toBeVisible()
  await expect(link).toBeFocused()
  await remove()
  await page.reload()
  await expect(page.getByRole('link', { name: new RegExp(titles[0] as string) })).toBeVisible()
  await expect(link).toHaveCount(0)
})

test('taking back the deletion of the open conversation leads back to it', async ({ page }) => {
  await page.getByRole('link', { name: new RegExp(titles[2] as string) }).click()
  await expect(page).toHaveURL(/\/c\//)
  const address = page.url()
  await page.getByRole('button', { name: `‘${titles[2]}’ 대화 메뉴` }).click()
  await page.getByRole('menuitem', { name: '대화 지우기' }).click()
  await expect(page).not.toHaveURL(address)
  await page.getByRole('button', { name: '되돌리기' }).click()
  await expect(page).toHaveURL(address)
  await expect(page.getByRole('heading', { name: titles[2] as string })).toBeVisible()
})

test('an empty archive says that it is empty, not that nothing was found', async ({ page }) => {
  await page.getByRole('button', { name: '보관함' }).click()
  await expect(page.getByText('보관한 대화가 없어요')).toBeVisible()
})

test('brand guidelines are kept with the conversation', async ({ page }) => {
  await page.getByRole('link', { name: new RegExp(titles[0] as string) }).click()
  await page.getByRole('button', { name: '브랜드 지침' }).click()
  const form = page.getByRole('dialog', { name: '브랜드 지침' })
  await form.getByLabel('브랜드 이름').fill('하루차')
  await form.getByRole('button', { name: '색 추가' }).click()
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
