import type { Request } from '@playwright/test'
import { expect, test } from './app.ts'

// What is there before the app: the words of index.html, and what src/first/boot.ts does.

test.describe('while the app is on its way', () => {
  // The scripts that never come are told on the console.
  test.use({ cutsLines: true })

  for (const language of ['ko', 'en'] as const) {
    test(`every page has its first words, in ${language}`, async ({ app, page }) => {
      await page.addInitScript((chosen) => localStorage.setItem('imagechat.settings', JSON.stringify({ state: { language: chosen }, version: 1 })), language)
      await page.route(/\/assets\/(index|app)-[^/]*\.js/, (route) => route.abort())
      const words: [string, string, string][] = [
        ['/', '무엇을 만들어 볼까요?', 'What would you like to create?'],
        ['/c/01990000-0000-7000-8000-000000000000', '이어서 말해 주세요. 고칠 점도 좋아요.', 'Carry on, or say what to change.'],
        ['/gallery', '갤러리', 'Gallery'],
        ['/brands', '브랜드 자료', 'Brand kits'],
        ['/usage', '사용량', 'Usage'],
        ['/settings', '설정', 'Settings'],
        ['/login', '받은 접속 토큰을 넣어 주세요.', 'Enter the access token you were given.'],
        ['/nowhere', '페이지를 찾을 수 없어요', 'Page not found'],
      ]
      for (const [path, ko, en] of words) {
        await app.openFirst(path)
        const word = language === 'ko' ? ko : en
        await expect(page.getByText(word, { exact: true }).or(page.getByPlaceholder(word)).filter({ visible: true })).toBeVisible()
        await expect(page.locator(`#root :visible[lang=${language === 'ko' ? 'en' : 'ko'}]`)).toHaveCount(0)
      }
    })
  }

  test('a conversation and the gallery show their newest pictures', async ({ app, page }) => {
    const id = await app.onePicture()
    await page.route(/\/assets\/(index|app)-[^/]*\.js/, (route) => route.abort())
    for (const path of [`/c/${id}`, '/gallery']) {
      await app.openFirst(path)
      const picture = page.locator('#root img[src*=content], #root img[srcset*=content]')
      await expect(picture).toHaveCount(1)
      await expect.poll(() => picture.evaluate((one: HTMLImageElement) => one.complete && one.naturalWidth > 0)).toBe(true)
    }
    await app.openFirst(`/c/${id}`)
    await expect(page.getByText('시험 대화', { exact: true })).toBeVisible()
    await expect(page.getByText('바닷가의 등대', { exact: true })).toBeVisible()
  })
})

test('what was asked for early is asked for once, and so is what the page opens on', async ({ app, page }) => {
  const id = await app.onePicture()
  for (const [path, question] of [['/gallery', '/images?limit=100'], ['/usage', '/usage'], ['/brands', '/brands'], ['/', '/purposes'], [`/c/${id}`, '']] as const) {
    const asked: string[] = []
    const note = (request: Request) => asked.push(request.url())
    page.on('request', note)
    await app.open(path)
    await page.waitForLoadState('networkidle')
    await expect(page.locator('.first')).toHaveCount(0)
    const api = asked.map((url) => url.split('/api/image-chat')[1]).filter((one) => one !== undefined)
    if (question) expect(api.filter((one) => one === question), path).toHaveLength(1)
    const copies = api.filter((one) => /\/content\?w=(640|768)/.test(one))
    expect(copies.toSorted(), path).toEqual([...new Set(copies)].toSorted())
    page.off('request', note)
  }
})

for (const place of ['a new conversation', 'a conversation'] as const) {
  test(`what is written in ${place} before the app is there is not lost`, async ({ app, page }) => {
    const id = place === 'a conversation' ? await app.onePicture() : ''
    let letGo = () => {}
    const held = new Promise<void>((resolve) => (letGo = resolve))
    await page.route(/\/assets\/app-[^/]*\.js/, async (route) => {
      await held
      await route.continue()
    })
    await page.goto(app.url + (id && `/c/${id}`), { waitUntil: 'commit' })
    // All four fields show until the styles are there.
    const early = page.locator(`.first [data-for=${id ? 'c' : 'home'}] textarea[lang=ko]`)
    // A new conversation starts by writing; in an old one the field is asked for.
    if (id) await early.click()
    await expect(early).toBeFocused()
    await page.keyboard.type('노을 지는 ')
    letGo()
    // Also while the app takes over.
    const rest = '바닷가의 등대를 그려 주세요. 하늘은 분홍빛, 파도는 잔잔하게'
    for (const key of rest) await page.keyboard.type(key)
    await expect(early).toHaveCount(0)
    await expect(page.locator('[data-composer]')).toBeFocused()
    await expect(page.locator('[data-composer]')).toHaveValue(`노을 지는 ${rest}`)
  })
}
