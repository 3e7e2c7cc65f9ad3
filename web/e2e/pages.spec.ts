import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test, type App } from './app.ts'

/** Every page and dialog, as a path from a conversation with two pictures. */
const places: [string, (id: string) => string][] = [
  ['home', () => '/'],
  ['conversation', (id) => `/c/${id}`],
  ['large view', (id) => `/c/${id}?view=zoom`],
  ['comparison', (id) => `/c/${id}?view=compare`],
  ['marking', (id) => `/c/${id}?view=mark`],
  ['export', (id) => `/c/${id}?view=export`],
  ['gallery', () => '/gallery'],
  ['gallery without a match', () => '/gallery?q=없는것'],
  ['brands', () => '/brands'],
  ['a new brand', () => '/brands?edit=new'],
  ['usage', () => '/usage'],
  ['settings', () => '/settings'],
  ['login', () => '/login'],
  ['nothing there', () => '/nowhere'],
]

async function violations(page: Page) {
  // Motion in mid-way has the wrong contrast; it is over in a moment.
  await page.evaluate(() => Promise.all(document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity).map((one) => one.finished.catch(() => {}))))
  const { violations: found } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze()
  return found.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)
}

async function twoPictures(app: App) {
  await app.conversation()
  await app.choose('이미지', 2)
  await app.say('바닷가의 등대')
  await expect(app.pictures).toHaveCount(2)
  return app.page.url().split('/c/')[1]?.split('?')[0] as string
}

async function brandKit(app: App) {
  const data = { name: 'Haru Cha', description: 'A tea house', palette: [{ name: 'Yuzu', hex: '#f6d860' }, { name: 'Night', hex: '#1c2340' }] }
  expect((await app.page.request.post(`${app.url}/api/image-chat/brands`, { data })).status()).toBe(201)
}

for (const [size, viewport] of [['wide', { width: 1440, height: 900 }], ['phone', { width: 390, height: 844 }]] as const) {
  test.describe(size, () => {
    test.use({ viewport })

    test('no page or dialog has an accessibility violation in either theme, or scrolls sideways', async ({ app, page }) => {
      test.slow()
      const id = await twoPictures(app)
      await brandKit(app)
      const found: Record<string, string[]> = {}
      for (const [name, path] of places) {
        await app.open(path(id))
        await page.waitForLoadState('networkidle')
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme })
          await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme)
          const wrong = await violations(page)
          if (wrong.length > 0) found[`${name}, ${colorScheme}`] = wrong
        }
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), name).toBeLessThanOrEqual(0)
      }
      expect(found).toEqual({})
    })

    test('nor has any menu, sheet or form', async ({ app, page }) => {
      await twoPictures(app)
      const found: Record<string, string[]> = {}
      const look = async (name: string) => {
        const wrong = await violations(page)
        if (wrong.length > 0) found[name] = wrong
      }
      for (const name of [/^옵션/, /^용도/, /^스타일/]) {
        await page.getByRole('button', { name }).click()
        await look(String(name))
        await page.keyboard.press('Escape')
      }
      await page.getByRole('button', { name: '브랜드 지침' }).click()
      await look('brand')
      await page.keyboard.press('Escape')
      if (size === 'phone') {
        await app.picture(0).click()
        await expect(page.getByRole('dialog', { name: '이미지 살펴보기' })).toBeVisible()
        await look('inspector')
        await page.keyboard.press('Escape')
        await page.getByRole('button', { name: '메뉴 열기' }).click()
        await expect(page.getByRole('dialog', { name: '주 메뉴' })).toBeVisible()
        await look('menu')
      } else {
        await expect(page.getByRole('dialog')).toHaveCount(0)
        await app.thread.focus()
        await page.keyboard.press('Shift+?')
        await expect(page.getByRole('dialog', { name: '단축키' })).toBeVisible()
        await look('shortcuts')
        await page.keyboard.press('Escape')
      }
      await page.keyboard.press('Control+KeyK')
      await expect(page.getByRole('combobox', { name: '명령 검색' })).toBeFocused()
      await look('palette')
      expect(found).toEqual({})
    })
  })
}

test.describe('in English', () => {
  test.use({ locale: 'en-US' })

  test('everything is English, from the first page to a picture', async ({ app, page }) => {
    await app.open()
    await expect(page.getByRole('heading', { name: 'What would you like to create?' })).toBeVisible()
    const names = page.getByRole('group', { name: 'Where will it be used?' }).getByRole('button').locator('span')
    expect(await names.evaluateAll((all) => all.filter((one) => one.scrollHeight > one.clientHeight).map((one) => one.textContent))).toEqual([])
    await page.getByRole('textbox', { name: 'The image to create' }).fill('Draw a lighthouse by the sea')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('figure')).toHaveCount(1)
    await brandKit(app)
    for (const path of [new URL(page.url()).pathname, '/gallery', '/brands', '/brands?edit=new', '/usage', '/settings', '/']) {
      await app.open(path)
      await page.waitForLoadState('networkidle')
      // The languages are called by their own names.
      expect((await page.locator('body').innerText()).replaceAll('한국어', ''), path).not.toMatch(/[가-힣]/)
    }
  })
})

test('language and theme are chosen in the settings and kept', async ({ app, page }) => {
  await app.open('/settings')
  await page.getByRole('radio', { name: 'English' }).check({ force: true })
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible()
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true })
  await page.reload()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
})

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

  test('one pane: from the start to a picture in the sheet, and back', async ({ app, page }) => {
    await app.open()
    await app.composer.fill('푸른 도자기 접시를 그려 주세요')
    // On a touch keyboard Enter breaks the line; the button sends.
    await page.getByRole('button', { name: /^보내기/ }).click()
    await expect(app.pictures).toHaveCount(1)
    await app.picture(0).click()
    const sheet = page.getByRole('dialog', { name: '이미지 살펴보기' })
    await expect(sheet.getByRole('button', { name: '이 이미지 수정하기' })).toBeVisible()
    await page.goBack()
    await expect(sheet).toBeHidden()
    await expect(app.composer).toBeVisible()
    await app.picture(0).click()
    await sheet.getByRole('button', { name: '닫기' }).click()
    await expect(sheet).toBeHidden()
  })
})

test('pictures do not move the page when they load', async ({ app, page }) => {
  const id = await twoPictures(app)
  await page.addInitScript(() => {
    const held = window as unknown as { shift: number }
    held.shift = 0
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) if (!entry.hadRecentInput) held.shift += entry.value
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await app.open(`/c/${id}`)
  await expect(app.pictures.locator('img').first()).toHaveJSProperty('complete', true)
  await page.waitForLoadState('networkidle')
  expect(await page.evaluate(() => (window as unknown as { shift: number }).shift)).toBeLessThan(0.05)
})

for (const height of [844, 667]) {
  test.describe(`on a phone of ${height} px`, () => {
    test.use({ viewport: { width: 390, height }, hasTouch: true, isMobile: true })

    test('what opens from the composer stays on the screen', async ({ app, page }) => {
      for (const open of [() => app.open(), () => app.conversation()]) {
        await open()
        for (const [chip, title] of [[/^용도/, '용도'], [/^스타일/, '스타일'], [/^옵션/, '옵션']] as const) {
          await page.getByRole('button', { name: chip }).click()
          const popup = page.getByRole('dialog', { name: title })
          await expect(popup).toBeInViewport({ ratio: 1 })
          if (title === '용도') await expect(popup.getByRole('searchbox')).toBeInViewport({ ratio: 1 })
          await page.keyboard.press('Escape')
          await expect(popup).toBeHidden()
        }
      }
    })
  })
}
