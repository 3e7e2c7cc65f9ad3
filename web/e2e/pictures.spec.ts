import { expect, test, type App } from './app.ts'

test.beforeEach(async ({ app }) => {
  await app.conversation()
  await app.choose('이미지')
  await app.say('나무 탁자 위의 찻잔')
  await expect(app.pictures).toHaveCount(1)
})

/** The id of the newest picture. */
async function newest(app: App, conversation: string) {
  return (await app.messages(conversation)).filter((one) => one.role === 'assistant').flatMap((one) => one.images).at(-1)?.id as string
}

test('a marked area goes along as an annotated copy, and only one\'s own words are shown', async ({ app, page }) => {
  const id = page.url().split('/c/')[1]?.split('?')[0] as string
  await app.inspector.getByRole('button', { name: '부분 표시하기' }).click()
  const dialog = page.getByRole('dialog', { name: '부분 표시하기' })
  const easel = dialog.getByRole('application')
  const box = (await easel.boundingBox()) as { x: number; y: number; width: number; height: number }
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.7)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.95, box.y + box.height * 0.95, { steps: 5 })
  await page.mouse.up()
  await dialog.getByText('브러시').click()
  await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.75)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.85, box.y + box.height * 0.8, { steps: 5 })
  await page.mouse.up()
  // Without a wish nothing is sent, and it is said what is missing.
  const wish = dialog.getByLabel('표시한 곳을 어떻게 바꿀까요?')
  await dialog.getByRole('button', { name: '이 부분 수정하기' }).click()
  await expect(dialog.getByRole('alert')).toHaveText('어떻게 바꿀지 적어 주세요.')
  await expect(wish).toBeFocused()
  await wish.fill('손잡이를 금색으로 바꿔 주세요')
  await expect(dialog.getByRole('alert')).toHaveCount(0)
  await dialog.getByRole('button', { name: '이 부분 수정하기' }).click()
  await expect(dialog).toBeHidden()
  await expect(app.pictures).toHaveCount(2)
  const messages = await app.messages(id)
  const said = messages.findLast((one) => one.role === 'user')
  expect(said?.text_content).toBe('손잡이를 금색으로 바꿔 주세요')
  // What is to be seen is told, and no order.
  await expect(app.thread.getByRole('img', { name: '나무 탁자 위의 찻잔', exact: true })).toHaveCount(2)
  // The demo takes no word of ours for a wish, such as the colour of the marks.
  expect(messages.at(-1)?.text_content).toContain('금색')
  expect(messages.at(-1)?.text_content).not.toContain('주황')
  expect(said?.reference_images).toHaveLength(1)
  // What is looked at, and so exported or downloaded, is what came of it.
  await expect(page).toHaveURL(new RegExp(`img=${await newest(app, id)}$`))
})

test('what one looks at meanwhile stays, when an edit of something else is done', async ({ app, page }) => {
  const id = page.url().split('/c/')[1]?.split('?')[0] as string
  const first = await newest(app, id)
  await app.say('비슷한 찻잔 하나 더')
  await expect(app.pictures).toHaveCount(2)
  await app.picture(0).click()
  await app.inspector.getByRole('button', { name: '이 이미지 수정하기' }).click()
  await app.picture(1).click()
  await expect(page).not.toHaveURL(new RegExp(first))
  const looked = page.url()
  await app.say('손잡이를 금색으로')
  await expect(app.pictures).toHaveCount(3)
  await expect(page).toHaveURL(looked)
})

test('alt text is kept and read in place of the picture', async ({ app, page }) => {
  await app.inspector.getByLabel('대체 텍스트').fill('나무 탁자에 놓인 흰 찻잔')
  await app.inspector.getByRole('button', { name: '대체 텍스트 저장하기' }).click()
  await expect(app.thread.getByRole('img', { name: '나무 탁자에 놓인 흰 찻잔' })).toBeVisible()
  await page.reload()
  await expect(app.thread.getByRole('img', { name: '나무 탁자에 놓인 흰 찻잔' })).toBeVisible()
})

test('the details are those of the file, and the file is downloaded under a good name', async ({ app, page }) => {
  const id = page.url().split('/c/')[1]?.split('?')[0] as string
  const picture = (await app.messages(id)).flatMap((one) => one.images)[0] as unknown as { width: number; height: number }
  await expect(app.inspector.getByText(`${picture.width}×${picture.height}`)).toBeVisible()
  const download = page.waitForEvent('download')
  await app.inspector.getByRole('link', { name: '내려받기' }).click()
  expect((await download).suggestedFilename()).toMatch(/\.(png|jpe?g|webp)$/)
})

test('what a picture was made with is used again', async ({ app }) => {
  await app.inspector.getByRole('button', { name: '이 설정으로 다시 쓰기' }).click()
  await expect(app.composer).toHaveValue(/찻잔/)
  await expect(app.composer).toBeFocused()
})

test('every view has its address, and back leads out of it', async ({ app, page }) => {
  await app.inspector.getByRole('button', { name: '크게 보기' }).last().click()
  await expect(page).toHaveURL(/view=zoom/)
  await page.reload()
  await expect(page.getByRole('dialog', { name: '크게 보기' })).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('dialog', { name: '크게 보기' })).toBeHidden()
  await expect(app.pictures).toHaveCount(1)
})

test('what was closed stays closed when one goes back', async ({ app, page }) => {
  await app.say('두 번째 찻잔')
  await expect(app.pictures).toHaveCount(2)
  const start = page.url()
  const zoom = page.getByRole('dialog', { name: '크게 보기' })
  await app.picture(0).click()
  await app.inspector.getByRole('button', { name: '크게 보기' }).last().click()
  await expect(zoom).toBeFocused()
  await page.keyboard.press('ArrowRight')
  await expect(zoom).toContainText('2 / 2')
  await page.keyboard.press('Escape')
  await expect(zoom).toBeHidden()
  await page.goBack()
  await expect(page).toHaveURL(/img=/)
  await expect(zoom).toBeHidden()
  // Nothing was added to the history by looking.
  await app.inspector.getByRole('button', { name: '크게 보기' }).last().click()
  await expect(zoom).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(zoom).toBeHidden()
  await page.goBack()
  await expect(page).toHaveURL(start)
  await expect(zoom).toBeHidden()
})
