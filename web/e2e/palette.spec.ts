import { expect, test, type App } from './app.ts'
import { Ime } from './ime.ts'

/** Opens the palette; returns its field. */
async function open({ page }: App) {
  // Keys are listened to once the frame of the page is there.
  await expect(page.getByRole('searchbox', { name: /대화 검색/ })).toBeVisible()
  await page.keyboard.press('Control+KeyK')
  const field = page.getByRole('combobox', { name: '명령 검색' })
  await expect(field).toBeFocused()
  return field
}

test('leads everywhere by words, initials and half-typed syllables', async ({ app, page }) => {
  await app.open()
  for (const [query, path] of [['갤러리', '/gallery'], ['ㅅㅇㄹ', '/usage'], ['브랜ㄷ', '/brands'], ['설정', '/settings']] as const) {
    const field = await open(app)
    await field.fill(query)
    await expect(page.getByRole('option')).toHaveCount(1)
    await field.press('Enter')
    await expect(field).toBeHidden()
    await expect(page).toHaveURL(new RegExp(`${path}$`))
  }
  await (await open(app)).fill('새 대화')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(`${app.url}/`)
  await expect(app.composer).toBeFocused()
  await (await open(app)).fill('없는 명령')
  await expect(page.getByRole('dialog').getByRole('status')).toHaveText('검색 결과가 없어요')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
})

test('finds conversations at the server, by what was said in them', async ({ app, page }) => {
  const base = `${app.url}/api/image-chat`
  const oldest = await app.conversation('겨울 캠핑 포스터')
  await page.request.post(`${base}/sessions/${oldest}/message`, { data: { content: '모닥불 옆의 텐트' } })
  for (let n = 0; n < 45; n += 15) {
    await Promise.all(Array.from({ length: 15 }, (_, i) => page.request.post(`${base}/sessions`, { data: { title: `모임 안내 ${n + i}`, image_purpose: 'banner_web' } })))
  }
  await app.open('/usage')
  const field = await open(app)
  await expect(page.getByRole('group', { name: '대화' }).getByRole('option')).toHaveCount(5)
  await field.fill('모닥부')
  await expect(page.getByRole('option', { name: /겨울 캠핑 포스터/ })).toHaveAttribute('aria-selected', 'true')
  await field.press('Enter')
  await expect(page).toHaveURL(`${app.url}/c/${oldest}`)
})

test('the arrows move while one types, and go round', async ({ app, page }) => {
  await app.open()
  const field = await open(app)
  await field.fill('테마')
  const options = page.getByRole('option')
  await expect(options).toHaveCount(2)
  await expect(options.first()).toHaveAttribute('aria-selected', 'true')
  await field.press('ArrowUp')
  await expect(options.last()).toHaveAttribute('aria-selected', 'true')
  expect(await field.getAttribute('aria-activedescendant')).toBe(await options.last().getAttribute('id'))
  await field.press('Enter')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await (await open(app)).fill('English')
  await page.getByRole('option').click()
  await expect(page.getByRole('heading', { name: 'What would you like to create?' })).toBeVisible()
})

test('exports the picture that is shown, and only where there is one', async ({ app, page }) => {
  await app.open()
  const field = await open(app)
  await field.fill('내보내기')
  await expect(page.getByRole('option')).toHaveCount(0)
  await field.press('Escape')
  await app.onePicture()
  await (await open(app)).fill('내보내기')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: '내보내기' })).toBeVisible()
})

test('one Enter is enough while a syllable is open', async ({ app, page }) => {
  await app.open()
  await open(app)
  const ime = new Ime(await page.context().newCDPSession(page))
  await ime.commit('갤러')
  await ime.compose('리')
  await ime.taken('Enter')
  await ime.commit('리')
  await expect(page).toHaveURL(/\/gallery$/)
})

test('stays away when shortcuts are off, and is on the sheet', async ({ app, page }) => {
  await app.open('/settings')
  await page.getByRole('button', { name: '단축키 모두 보기' }).click()
  await expect(page.getByRole('dialog', { name: '단축키' }).getByText('명령 검색')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await page.getByRole('group', { name: '단축키 사용' }).getByRole('radio', { name: '끄기' }).check({ force: true })
  await page.keyboard.press('Control+KeyK')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('combobox', { name: '명령 검색' })).toHaveCount(0)
})
