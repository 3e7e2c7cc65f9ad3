import { fileURLToPath } from 'node:url'
import type { APIRequestContext } from '@playwright/test'
import { expect, test } from './app.ts'

const folder = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url))

const scenes = {
  ko: [
    ['여름 유자 에이드 배너', 'banner_web', '창가에 놓인 유자 에이드, 아침 햇살이 들어오는 장면', ['조금 더 밝고 시원하게', '유자 조각을 앞쪽에 더해 주세요']],
    ['바닷가 등대 썸네일', 'yt_thumbnail', '푸른 바다와 하얀 등대, 맑은 하늘', ['노을빛으로 바꿔 주세요']],
    ['도자기 컵 상세페이지', 'product_showcase', '베이지 배경 위의 손으로 빚은 도자기 컵', []],
    ['봄 세일 인스타그램', 'ig_feed_square', '벚꽃 잎이 흩날리는 봄 언덕', ['분홍빛을 더해 주세요']],
    ['겨울 캠핑 스토리', 'ig_fb_story', '눈 덮인 숲속의 작은 텐트와 모닥불', []],
  ],
  en: [
    ['Summer yuzu ade banner', 'banner_web', 'Yuzu ade by the window, morning light streaming in', ['A little brighter and cooler', 'Add yuzu slices in front']],
    ['Lighthouse thumbnail', 'yt_thumbnail', 'A white lighthouse by the blue sea, clear sky', ['Make it sunset']],
    ['Ceramic cup page', 'product_showcase', 'A hand-thrown ceramic cup on warm beige', []],
    ['Spring sale square', 'ig_feed_square', 'A spring hill with drifting cherry petals', ['More pink, please']],
    ['Winter camping story', 'ig_fb_story', 'A small tent and a campfire in a snowy wood', []],
  ],
} as const

type Language = keyof typeof scenes

const brands = {
  ko: [
    ['하루차', '동네에서 가장 늦게까지 여는 찻집', ['#f6d860', '#7a9e5f', '#2f3b2c', '#f5efe2']],
    ['온기도예', '손으로 빚는 생활 그릇', ['#e8d9c5', '#b4643a', '#5b4636']],
    ['바다산책', '제주 바닷가의 작은 서점', ['#dff0f5', '#4c8fb0', '#16405b', '#f08a5d']],
  ],
  en: [
    ['Haru Tea', 'The tea house that closes last', ['#f6d860', '#7a9e5f', '#2f3b2c', '#f5efe2']],
    ['Ongi Ceramics', 'Everyday tableware, thrown by hand', ['#e8d9c5', '#b4643a', '#5b4636']],
    ['Sea Walk Books', 'A small bookshop by the sea', ['#dff0f5', '#4c8fb0', '#16405b', '#f08a5d']],
  ],
} as const

/** Fills the server with conversations; returns the one that is shown, and its newest picture. */
async function fill(request: APIRequestContext, url: string, language: Language) {
  const base = `${url}/api/image-chat`
  const headers = { 'Accept-Language': language }
  let shown = { session: '', image: '' }
  for (const [name, description, colours] of brands[language]) {
    await request.post(`${base}/brands`, { headers, data: { name, description, palette: colours.map((hex) => ({ name: '', hex })) } })
  }
  for (const [index, [title, purpose, prompt, wishes]] of [...scenes[language].entries()].toReversed()) {
    const { id } = (await (await request.post(`${base}/sessions`, { headers, data: { title, image_purpose: purpose } })).json()) as { id: string }
    const turn = async (data: object) => expect((await request.post(`${base}/sessions/${id}/turns`, { headers: { ...headers, Prefer: 'wait=60' }, data })).status()).toBe(200)
    await turn({ kind: 'generate', content: prompt, count: index === 0 ? 2 : 1 })
    const detail = async () => (await (await request.get(`${base}/sessions/${id}`)).json()) as { messages: { images: { id: string }[] }[] }
    const first = (await detail()).messages.flatMap((one) => one.images)[0]?.id
    for (const wish of wishes) await turn({ kind: 'refine', content: wish, image_id: first })
    shown = { session: id, image: (await detail()).messages.flatMap((one) => one.images).at(-1)?.id ?? '' }
    if (index % 2 === 1) await request.patch(`${base}/images/${shown.image}`, { data: { is_selected: true } })
  }
  return shown
}

const sizes = { 1440: { width: 1440, height: 900 }, 390: { width: 390, height: 844 } }

for (const language of ['ko', 'en'] as const) {
  test.describe(language, () => {
    test.use({ locale: language === 'ko' ? 'ko-KR' : 'en-US' })

    test('every page, in both sizes and themes', async ({ app, page }) => {
      const { session, image } = await fill(page.request, app.url, language)
      const places = {
        conversation: `/c/${session}`, home: '/', 'large-view': `/c/${session}?img=${image}&view=zoom`, compare: `/c/${session}?img=${image}&view=compare`,
        mark: `/c/${session}?img=${image}&view=mark`, export: `/c/${session}?img=${image}&view=export`, gallery: '/gallery', brands: '/brands', 'brand-kit': '/brands?edit=new', usage: '/usage', settings: '/settings', login: '/login',
      }
      for (const [width, viewport] of Object.entries(sizes)) {
        await page.setViewportSize(viewport)
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
          for (const [name, path] of Object.entries(places)) {
            await app.open(path)
            await page.waitForLoadState('networkidle')
            await page.evaluate(() => document.fonts.ready)
            await page.screenshot({ path: `${folder}${name}-${width}-${language}-${colorScheme}.jpg`, type: 'jpeg', quality: 82 })
          }
        }
      }
    })
  })
}
