import { loadavg } from 'node:os'
import type { Locator, Page } from '@playwright/test'
import { expect, test } from './app.ts'

interface Frames {
  frames: number
  /** Frames that came later than two display intervals, 33 ms. */
  late: number
  /** The 95th percentile of the time between frames, in ms. */
  p95: number
  longest: number
  /** Tasks of more than 50 ms while scrolling. */
  longTasks: number
  /** Tasks of the page that took more of the processor than one frame has, 16.7 ms: what is late without them is the machine's doing. */
  heavy: number
}

/** Counts the heavy tasks of a trace, by the time that the processor spent on them and not by the clock. */
function heavyTasks(trace: Buffer) {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: { name: string; ph: string; ts: number; tid: number; pid: number; tdur?: number; args: { name?: string } }[] }
  const began = traceEvents.find((one) => one.name === 'TracingStartedInBrowser')?.ts ?? 0
  const pages = new Set(traceEvents.filter((one) => one.name === 'thread_name' && one.args.name === 'CrRendererMain').map((one) => `${one.pid}:${one.tid}`))
  // Beginning to record is a task of a tenth of a second itself.
  return traceEvents.filter((one) => one.ph === 'X' && one.name.endsWith('RunTask') && pages.has(`${one.pid}:${one.tid}`) && one.ts > began + 1_200_000 && (one.tdur ?? 0) > 16_700).length
}

/** Scrolls by wheel for some seconds and watches when frames come. */
async function scroll(page: Page, box: Locator, wheels: number, step: number): Promise<Frames> {
  await box.hover()
  const browser = page.context().browser()
  await browser?.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] })
  await page.waitForTimeout(1500)
  await page.evaluate(() => {
    const held = window as unknown as { gaps: number[]; long: number; watching: boolean }
    Object.assign(held, { gaps: [], long: 0, watching: true })
    new PerformanceObserver((list) => (held.long += list.getEntries().length)).observe({ type: 'longtask' })
    let last = performance.now()
    const tick = (now: number) => {
      held.gaps.push(now - last)
      last = now
      if (held.watching) requestAnimationFrame(tick)
    }
    requestAnimationFrame(tick)
  })
  for (let wheel = 0; wheel < wheels; wheel++) {
    await page.mouse.wheel(0, step)
    await page.waitForTimeout(16)
  }
  const frames = await page.evaluate(() => {
    const held = window as unknown as { gaps: number[]; long: number; watching: boolean }
    held.watching = false
    const gaps = held.gaps.slice(1).toSorted((a, b) => a - b)
    return { frames: gaps.length, late: gaps.filter((gap) => gap > 33.5).length, p95: gaps[Math.floor(gaps.length * 0.95)] ?? 0, longest: gaps.at(-1) ?? 0, longTasks: held.long }
  })
  const trace = await browser?.stopTracing()
  return { ...frames, heavy: trace ? heavyTasks(trace) : Number.NaN }
}

async function made(page: Page, url: string) {
  const answer = await page.request.get(`${url}/api/image-chat/images`)
  return ((await answer.json()) as { images: { id: string }[] }).images
}

test('5,000 pictures in the gallery', async ({ app, page }) => {
  await app.conversation()
  await app.choose('이미지', 4)
  await app.say('바닷가의 등대')
  await expect(app.pictures).toHaveCount(4)
  const real = await made(page, app.url)
  const all = Array.from({ length: 5000 }, (_, n) => ({ ...real[n % 4], id: `${real[n % 4]?.id}~${n}`, width: [1024, 1584, 848][n % 3], height: [1024, 672, 1264][n % 3] }))
  await page.route(/\/api\/image-chat\/images(\?|$)/, (route) => {
    const at = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0)
    return route.fulfill({ json: { images: all.slice(at, at + 100), ...(at + 100 < all.length && { next_cursor: String(at + 100) }) } })
  })
  await page.route(/\/content/, (route) => route.continue({ url: route.request().url().replace(/~\d+/, '') }))
  await app.open('/gallery')
  const gallery = page.locator('[data-gallery]')
  await expect(gallery.getByRole('option').first()).toBeVisible()
  // All of it is loaded first, so that scrolling is what is measured.
  for (let presses = 0; presses < 400; presses++) {
    await gallery.evaluate((box) => box.scrollTo(0, box.scrollHeight))
    if ((await gallery.getByRole('option').last().getAttribute('data-at')) === '4999') break
    await page.waitForTimeout(60)
  }
  expect(await gallery.getByRole('option').last().getAttribute('data-at')).toBe('4999')
  expect(await gallery.getByRole('option').count()).toBeLessThan(120)
  await gallery.evaluate((box) => box.scrollTo(0, 0))
  await page.waitForTimeout(500)
  console.log(`load ${loadavg()[0]?.toFixed(1)}, gallery of 5,000:`, JSON.stringify(await scroll(page, gallery, 240, 120)))
})

test('a conversation of 500 messages', async ({ app, page }) => {
  const id = await app.conversation()
  await app.choose('이미지')
  await app.say('바닷가의 등대')
  await expect(app.pictures).toHaveCount(1)
  const detail = (await (await page.request.get(`${app.url}/api/image-chat/sessions/${id}`)).json()) as { messages: { id: string; created_at: string; turn_id: string }[] }
  const [said, drawn] = detail.messages
  const messages = Array.from({ length: 500 }, (_, n) => ({ ...(n % 2 ? drawn : said), id: `m${n}`, turn_id: `t${n >> 1}`, created_at: new Date(1_800_000_000_000 + n * 1000).toISOString() }))
  await page.route(new RegExp(`/sessions/${id}(\\?|$)`), (route) => route.fulfill({ json: { ...detail, messages, messages_count: 500 } }))
  await page.reload()
  await expect(app.said).toHaveCount(250)
  await page.waitForTimeout(1000)
  console.log(`load ${loadavg()[0]?.toFixed(1)}, conversation of 500:`, JSON.stringify(await scroll(page, app.thread, 240, -120)))
})
