import { expect, pngOf, test, type App } from './app.ts'

async function kit(app: App, name = '하루차') {
  const data = { name, description: '동네 찻집', palette: [{ name: '유자 노랑', hex: '#f6d860' }, { name: '밤', hex: '#1c2340' }], tone: '다정하고 담백하게', do: ['여백을 넉넉히'], dont: ['네온 색'] }
  const answer = await app.page.request.post(`${app.url}/api/image-chat/brands`, { data })
  expect(answer.status()).toBe(201)
  return ((await answer.json()) as { id: string }).id
}

const session = async (app: App, id: string) =>
  (await (await app.page.request.get(`${app.url}/api/image-chat/sessions/${id}`)).json()) as { brand_id: string | null; brand_guidelines: Record<string, unknown> | null }

test('a brand kit is made, with its logo, changed, and deleted with a way back', async ({ app, page }) => {
  await app.open('/brands')
  await page.getByRole('button', { name: '새 브랜드' }).click()
  const form = page.getByRole('dialog', { name: '새 브랜드 자료' })
  await expect(form.getByRole('button', { name: '저장하기' })).toBeDisabled()
  await form.getByLabel('브랜드 이름').fill('하루차')
  await form.getByLabel('어떤 브랜드인가요?').fill('동네에서 가장 늦게까지 여는 찻집')
  await form.getByRole('button', { name: '색 추가' }).click()
  await form.getByLabel('색 이름 1').fill('유자 노랑')
  await form.getByLabel('HEX 색 코드 1').fill('F6D860')
  await form.getByLabel('꼭 해 주세요').fill('여백을 넉넉히\n자연광')
  await form.getByLabel('로고', { exact: true }).setInputFiles({ name: '로고.png', mimeType: 'image/png', buffer: await pngOf(page, '#24408e') })
  await expect(form.getByRole('img', { name: '하루차 로고' })).toBeVisible()
  await form.getByRole('button', { name: '저장하기' }).click()
  await expect(form).toBeHidden()

  const list = page.getByRole('list', { name: '브랜드 자료' })
  await expect(list.getByRole('listitem')).toHaveCount(1)
  const { brands } = (await (await page.request.get(`${app.url}/api/image-chat/brands`)).json()) as { brands: Record<string, unknown>[] }
  expect(brands[0]).toMatchObject({ name: '하루차', palette: [{ name: '유자 노랑', hex: '#f6d860' }], do: ['여백을 넉넉히', '자연광'] })
  expect(brands[0]?.logo_image_id).toBeTruthy()

  await list.getByRole('button', { name: '하루차', exact: true }).click()
  await expect(page).toHaveURL(/edit=/)
  const edit = page.getByRole('dialog', { name: '브랜드 자료 수정하기' })
  await edit.getByLabel('말투와 분위기').fill('다정하게')
  await edit.getByRole('button', { name: '로고 삭제' }).click()
  await edit.getByRole('button', { name: '저장하기' }).click()
  await expect(edit).toBeHidden()
  await page.reload()
  await list.getByRole('button', { name: '하루차', exact: true }).click()
  await expect(edit.getByLabel('말투와 분위기')).toHaveValue('다정하게')
  await expect(edit.getByRole('button', { name: '로고 올리기' })).toBeVisible()
  await page.keyboard.press('Escape')

  const remove = async () => {
    await page.getByRole('button', { name: '‘하루차’ 자료 메뉴' }).click()
    await page.getByRole('menuitem', { name: '지우기' }).click()
    await expect(list.getByRole('listitem')).toHaveCount(0)
  }
  await remove()
  await page.getByRole('button', { name: '되돌리기' }).click()
  await expect(list.getByRole('listitem')).toHaveCount(1)
  await remove()
  await page.reload()
  await expect(page.getByText('아직 브랜드 자료가 없어요')).toBeVisible()
})

test('a conversation follows a kit, or is filled in from it', async ({ app, page }) => {
  const brand = await kit(app)
  const id = await app.conversation()
  const form = page.getByRole('dialog', { name: '브랜드 지침' })
  await page.getByRole('button', { name: '브랜드 지침' }).click()
  await form.getByLabel('브랜드 자료').selectOption('하루차')
  await form.getByRole('button', { name: '지침 저장하기' }).click()
  await expect(form).toBeHidden()
  await expect(page.getByText('‘하루차’ 브랜드 적용 중')).toBeVisible()
  expect(await session(app, id)).toMatchObject({ brand_id: brand })

  await page.getByRole('button', { name: '브랜드 지침' }).click()
  await expect(form.getByLabel('브랜드 자료')).toHaveValue(brand)
  await form.getByRole('button', { name: '복사해서 이 대화만 수정하기' }).click()
  await expect(form.getByLabel('브랜드 이름')).toHaveValue('하루차')
  await expect(form.getByLabel('색 이름 2')).toHaveValue('밤')
  await expect(form.getByLabel('하지 말아 주세요')).toHaveValue('네온 색')
  await form.getByLabel('말투와 분위기').fill('씩씩하게')
  await form.getByRole('button', { name: '지침 저장하기' }).click()
  await expect(form).toBeHidden()
  const held = await session(app, id)
  expect(held.brand_id).toBeNull()
  expect(held.brand_guidelines).toMatchObject({ name: '하루차', tone: '씩씩하게', dont: ['네온 색'] })
})

test('the default kit is that of new conversations, until it is gone', async ({ app, page }) => {
  const brand = await kit(app)
  await app.open('/brands')
  await page.getByRole('button', { name: '‘하루차’ 자료 메뉴' }).click()
  await page.getByRole('menuitem', { name: '새 대화에 기본으로 쓰기' }).click()
  await expect(page.getByRole('listitem').getByText('기본', { exact: true })).toBeVisible()
  const start = async () => {
    await app.open()
    await app.choose('대화만')
    await app.say('안녕하세요')
    await expect(page).toHaveURL(/\/c\//)
    return session(app, new URL(page.url()).pathname.split('/')[2] as string)
  }
  expect((await start()).brand_id).toBe(brand)
  // Another window deletes it.
  expect((await page.request.delete(`${app.url}/api/image-chat/brands/${brand}`)).status()).toBe(204)
  expect((await start()).brand_id).toBeNull()
})

test('the page is used by keys alone', async ({ app, page }) => {
  await kit(app)
  await app.open('/brands')
  await page.getByRole('button', { name: '하루차', exact: true }).focus()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: '‘하루차’ 자료 메뉴' })).toBeFocused()
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: '브랜드 자료 수정하기' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(page).toHaveURL(/\/brands$/)
})

test('an SVG logo becomes a picture with its clear background, and one that cannot be drawn is refused with the way out', async ({ app, page }) => {
  await app.open('/brands')
  await page.getByRole('button', { name: '새 브랜드' }).click()
  const form = page.getByRole('dialog', { name: '새 브랜드 자료' })
  await form.getByLabel('브랜드 이름').fill('하루차')
  const svg = (inner: string) => ({ name: '로고.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(inner) })
  await form.getByLabel('로고', { exact: true }).setInputFiles(svg('<svg xmlns="http://www.w3.org/2000/svg"><rect'))
  await expect(form.getByRole('alert')).toContainText('PNG로 저장해서 올려 주세요')
  await form.getByLabel('로고', { exact: true }).setInputFiles(svg('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100" width="200" height="100"><circle cx="50" cy="50" r="40" fill="#24408e"/></svg>'))
  const logo = form.getByRole('img', { name: '하루차 로고' })
  await expect(logo).toBeVisible()
  const id = (await logo.getAttribute('src'))?.match(/images\/([^/]+)\//)?.[1]
  const held = (await (await page.request.get(`${app.url}/api/image-chat/images/${id}`)).json()) as { width: number; height: number; format: string }
  expect(held).toMatchObject({ width: 1024, height: 512, format: 'png' })
})

test.describe('with a model', () => {
  test.use({ standInFlags: [] })

  test('a kit is chosen before the first picture, is named, and its logo goes along; references have roles', async ({ app, page, standIn }) => {
    const brand = await kit(app)
    const logo = await page.request.post(`${app.url}/api/image-chat/brands/${brand}/logo`, { multipart: { file: { name: 'logo.png', mimeType: 'image/png', buffer: await pngOf(page, '#24408e', 64, 64) } } })
    expect(logo.ok()).toBe(true)
    await app.open('/')
    await page.getByRole('button', { name: '브랜드 자료: 사용하지 않음' }).click()
    await page.getByRole('dialog', { name: '브랜드 자료' }).getByRole('button', { name: '하루차' }).click()
    await page.locator('input[type=file]').setInputFiles({ name: '컵.png', mimeType: 'image/png', buffer: await pngOf(page, '#aa5500', 64, 64) })
    await page.getByRole('button', { name: '참고 이미지 1의 역할: 참고' }).click()
    await page.getByRole('menuitem', { name: '제품' }).click()
    await expect(page.getByRole('button', { name: '참고 이미지 1의 역할: 제품' })).toBeVisible()
    await app.choose('이미지')
    await app.say('신메뉴 포스터')
    await expect(app.pictures).toHaveCount(1)
    await expect(page.getByText('‘하루차’ 브랜드 적용 중')).toBeVisible()
    await expect(page.getByRole('button', { name: '브랜드 자료: 하루차' })).toBeVisible()
    const told = JSON.stringify((await standIn.requests()).at(-1))
    expect(told).toContain('Attached picture 1 is the product')
    expect(told).toContain('Attached picture 2 is the logo')
  })
})
