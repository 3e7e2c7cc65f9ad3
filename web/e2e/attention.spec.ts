import type { Page } from '@playwright/test'
import { expect, test } from './app.ts'

test.beforeEach(async ({ page }) => {
  // A tab that can be put in the background, and notifications that can be read.
  await page.addInitScript(() => {
    const held = window as unknown as { away: boolean; shown: [string, string | undefined][]; granted: NotificationPermission; asked: number; forbidden?: boolean; last?: unknown }
    Object.assign(held, { away: false, shown: [], granted: 'granted', asked: 0 })
    Object.defineProperty(document, 'hidden', { get: () => held.away })
    window.Notification = class {
      static get permission() {
        return held.asked > 0 ? held.granted : 'default'
      }
      static requestPermission() {
        held.asked += 1
        return Promise.resolve(held.granted)
      }
      onclick = () => {}
      constructor(title: string, options?: NotificationOptions) {
        if (held.forbidden) throw new TypeError('Illegal constructor')
        held.shown.push([title, options?.body])
        held.last = this
      }
      close() {}
    } as unknown as typeof Notification
  })
})

const leave = (page: Page, away: boolean) =>
  page.evaluate((value) => {
    ;(window as unknown as { away: boolean }).away = value
    document.dispatchEvent(new Event('visibilitychange'))
  }, away)

const shown = (page: Page) => page.evaluate(() => (window as unknown as { shown: [string, string][] }).shown)

test('the tab counts what was made while one looked elsewhere', async ({ app, page }) => {
  await app.conversation('등대 그림')
  await app.choose('이미지')
  await leave(page, true)
  await app.say('바닷가의 등대')
  await expect(page).toHaveTitle(/^\(1\) 등대 그림/)
  await app.say('조금 더 밝게')
  await expect(page).toHaveTitle(/^\(2\) 등대 그림/)
  await leave(page, false)
  await expect(page).toHaveTitle(/^등대 그림/)
  expect(await shown(page)).toEqual([])
})

test('a notification comes where it was wished for', async ({ app, page }) => {
  await app.open('/settings')
  const asked = () => page.evaluate(() => (window as unknown as { asked: number }).asked)
  expect(await asked()).toBe(0)
  const row = page.getByRole('group', { name: '완료되면 알림 받기' })
  await row.getByRole('radio', { name: '켜기' }).check({ force: true })
  await expect(row.getByRole('radio', { name: '켜기' })).toBeChecked()
  expect(await asked()).toBe(1)
  await page.getByRole('link', { name: '새 대화' }).first().click()
  await app.choose('이미지')
  await app.say('바닷가의 등대')
  await expect(app.pictures).toHaveCount(1)
  expect(await shown(page)).toEqual([]) // one is looking
  await leave(page, true)
  await app.say('조금 더 밝게')
  await expect.poll(() => shown(page)).toEqual([['바닷가의 등대', '이미지 1장을 만들었어요']])
})

test('a notification leads to its conversation', async ({ app, page }) => {
  await app.open('/settings')
  await page.getByRole('group', { name: '완료되면 알림 받기' }).getByRole('radio', { name: '켜기' }).check({ force: true })
  const id = await app.conversation('등대 그림')
  await page.evaluate(() => Notification.requestPermission())
  await app.choose('이미지')
  await app.say('바닷가의 등대')
  await page.getByRole('link', { name: '갤러리' }).click()
  await leave(page, true)
  await expect.poll(() => shown(page)).toHaveLength(1)
  await page.evaluate(() => (window as unknown as { last: Notification }).last.onclick?.(new Event('click')))
  await expect(page).toHaveURL(`${app.url}/c/${id}`)
  await expect(app.pictures).toHaveCount(1)
})

test('where pages may show no notifications themselves, the title still counts and the reply is there', async ({ app, page }) => {
  await app.open('/settings')
  await page.getByRole('group', { name: '완료되면 알림 받기' }).getByRole('radio', { name: '켜기' }).check({ force: true })
  await app.conversation('등대 그림')
  await page.evaluate(async () => {
    await Notification.requestPermission()
    ;(window as unknown as { forbidden: boolean }).forbidden = true
  })
  await app.choose('이미지')
  await leave(page, true)
  await app.say('바닷가의 등대')
  await expect(page).toHaveTitle(/^\(1\)/)
  await expect(app.pictures).toHaveCount(1)
  // The lists are asked for again, as after every turn.
  await expect(page.getByRole('list', { name: '대화' }).getByRole('listitem').first()).toContainText('이미지 1장')
})

test('a browser that refuses is told about, and the setting stays off', async ({ app, page }) => {
  await app.open('/settings')
  await page.evaluate(() => ((window as unknown as { granted: string }).granted = 'denied'))
  const row = page.getByRole('group', { name: '완료되면 알림 받기' })
  await row.getByRole('radio', { name: '켜기' }).click({ force: true })
  await expect(page.getByText('브라우저가 알림을 막고 있어요')).toBeVisible()
  await expect(row.getByRole('radio', { name: '끄기' })).toBeChecked()
})
