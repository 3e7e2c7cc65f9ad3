import { expect, pngOf, test, type App } from './app.ts'
import { Ime } from './ime.ts'

async function typing(app: App): Promise<[Ime, string]> {
  const id = await app.conversation()
  await app.choose('대화만')
  await app.composer.focus()
  return [new Ime(await app.page.context().newCDPSession(app.page)), id]
}

/** Exactly one message, whole, and an empty field. */
async function expectSaid(app: App, id: string, text: string) {
  await expect(app.said.first()).toHaveText(text)
  await expect(app.composer).toHaveValue('')
  // The reply is the proof that all that would be sent has been sent.
  await expect(app.thread.getByRole('article', { name: '이미지챗' })).toHaveCount(1)
  await expect(app.said).toHaveCount(1)
  expect((await app.messages(id)).filter((one) => one.role === 'user').map((one) => one.text_content)).toEqual([text])
}

test.describe('one Enter sends Hangul once and whole', () => {
  test('taken key, commit, then a real Enter (macOS)', async ({ app }) => {
    const [ime, id] = await typing(app)
    await ime.commit('안')
    await ime.compose('녕')
    await ime.taken('Enter')
    await ime.commit('녕')
    await ime.enter()
    await expectSaid(app, id, '안녕')
  })

  test('taken key as Process, then only the commit (Windows)', async ({ app }) => {
    const [ime, id] = await typing(app)
    await ime.commit('안')
    await ime.compose('녕')
    await ime.taken('Process')
    await ime.commit('녕')
    await expectSaid(app, id, '안녕')
  })

  test('taken key as Enter, commit, and no second keydown', async ({ app }) => {
    const [ime, id] = await typing(app)
    await ime.commit('안')
    await ime.compose('녕')
    await ime.taken('Enter')
    await ime.commit('녕')
    await expectSaid(app, id, '안녕')
  })

  test('a plain Enter while the syllable is open', async ({ app }) => {
    const [ime, id] = await typing(app)
    await ime.commit('안')
    await ime.compose('녕')
    await ime.enter()
    await expectSaid(app, id, '안녕')
  })
})

test('the Enter that confirms Japanese sends nothing; the next one sends', async ({ app }) => {
  const [ime, id] = await typing(app)
  await ime.compose('にほん')
  await ime.taken('Enter')
  await ime.commit('日本')
  await expect(app.composer).toHaveValue('日本')
  await expect(app.said).toHaveCount(0)
  await ime.enter()
  await expectSaid(app, id, '日本')
})

test('Shift+Enter breaks the line', async ({ app }) => {
  await app.conversation()
  await app.composer.pressSequentially('첫 줄')
  await app.composer.press('Shift+Enter')
  await app.composer.pressSequentially('둘째 줄')
  await expect(app.composer).toHaveValue('첫 줄\n둘째 줄')
  await expect(app.said).toHaveCount(0)
})

test('a draft outlives a reload, with its references', async ({ app, page }) => {
  await app.conversation()
  await page.locator('input[type=file]').setInputFiles({ name: '참고.png', mimeType: 'image/png', buffer: await pngOf(page, '#c96') })
  await expect(page.getByRole('img', { name: '참고 이미지 1' })).toBeVisible()
  await app.composer.fill('쓰다 만 말')
  await page.reload()
  await expect(app.composer).toHaveValue('쓰다 만 말')
  await expect(page.getByRole('img', { name: '참고 이미지 1' })).toBeVisible()
})

test('a pasted picture is uploaded, shown, sent and removable', async ({ app, page }) => {
  const id = await app.conversation()
  const png = (await pngOf(page, '#369')).toString('base64')
  const paste = () =>
    app.composer.evaluate((field, base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
      const data = new DataTransfer()
      data.items.add(new File([bytes], '붙인 그림.png', { type: 'image/png' }))
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    }, png)
  await paste()
  await expect(page.getByRole('img', { name: '참고 이미지 1' })).toBeVisible()
  await paste()
  await expect(page.getByRole('img', { name: '참고 이미지 2' })).toBeVisible()
  await page.getByRole('button', { name: '참고 이미지 2 삭제' }).click()
  await expect(page.getByRole('img', { name: '참고 이미지 2' })).toHaveCount(0)
  await app.choose('이미지')
  await app.say('이 색으로 만들어 주세요')
  await expect(app.pictures).toHaveCount(1)
  expect((await app.messages(id))[0]?.reference_images).toHaveLength(1)
})

test('references stand in the order in which they were chosen, however long each takes', async ({ app, page }) => {
  await app.conversation()
  let release = () => {}
  const others = new Promise<void>((done) => (release = done))
  let seen = 0
  await page.route('**/api/image-chat/uploads', async (route) => {
    // The first arrives last.
    if (++seen === 1) await others
    const answer = await route.fetch()
    await route.fulfill({ response: answer })
    if (seen === 3) release()
  })
  const widths = [100, 200, 300]
  await page.locator('input[type=file]').setInputFiles(await Promise.all(widths.map(async (width) => ({ name: `${width}.png`, mimeType: 'image/png', buffer: await pngOf(page, '#c96', width, 100) }))))
  await expect(page.getByRole('img', { name: '참고 이미지 3' })).toBeVisible()
  const kept = await page.evaluate(() => JSON.parse(localStorage.getItem('imagechat.drafts') ?? '{}') as { state: { drafts: Record<string, { references: { width: number }[] }> } })
  expect(Object.values(kept.state.drafts)[0]?.references.map((one) => one.width)).toEqual(widths)
})

test('a dropped file that is no picture is refused in words', async ({ app, page }) => {
  await app.conversation()
  await page.evaluate(() => {
    const data = new DataTransfer()
    data.items.add(new File(['%PDF-'], '문서.pdf', { type: 'application/pdf' }))
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))
  })
  await expect(page.getByRole('alert')).toHaveText('PNG, JPEG, WebP, GIF 이미지만 넣을 수 있어요.')
})

test('by keys alone from the start to a picture, its star and the large view', async ({ app, page }) => {
  await app.open()
  await page.keyboard.press('Control+Shift+O')
  await expect(app.composer).toBeFocused()
  await page.keyboard.type('파란 하늘 아래 등대를 그려 주세요')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Shift+Tab')
  await expect(app.composer).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(app.pictures).toHaveCount(1)
  const picture = app.picture(0)
  for (let presses = 0; presses < 40 && !(await picture.evaluate((one) => one === document.activeElement)); presses++) await page.keyboard.press('Shift+Tab')
  await expect(picture).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/img=/)
  const zoom = app.inspector.getByRole('button', { name: '크게 보기' }).first()
  for (let presses = 0; presses < 40 && !(await zoom.evaluate((one) => one === document.activeElement)); presses++) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  const large = page.getByRole('dialog', { name: '크게 보기' })
  await expect(large).toBeVisible()
  await page.keyboard.press('+')
  await expect(large.getByRole('button', { name: '맞춰 보기' })).toHaveText('140%')
  await page.keyboard.press('s')
  await expect(large.getByRole('button', { name: '별표 해제' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(large).toBeHidden()
})

test('what was wrong with a file is said until one goes on', async ({ app, page }) => {
  await app.conversation()
  const problem = page.getByText('PNG, JPEG, WebP, GIF 이미지만 넣을 수 있어요.')
  const addWrong = () => page.locator('input[type=file]').setInputFiles({ name: '글.txt', mimeType: 'text/plain', buffer: Buffer.from('글') })
  await addWrong()
  await expect(problem).toBeVisible()
  await app.composer.pressSequentially('안')
  await expect(problem).toBeHidden()
  await addWrong()
  await expect(problem).toBeVisible()
  await app.composer.press('Enter')
  await expect(app.said).toHaveCount(1)
  await expect(problem).toBeHidden()
})
