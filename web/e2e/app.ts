import { test as base, expect, type Locator, type Page } from '@playwright/test'
import { Server, StandIn } from './programs.ts'

/** The app as a person sees it: by the words on it. */
export class App {
  constructor(readonly page: Page, readonly url: string) {}

  get composer() {
    return this.page.getByRole('textbox', { name: '만들 이미지나 고칠 점' })
  }

  get thread() {
    return this.page.getByRole('log', { name: '대화 내용' })
  }

  get pictures(): Locator {
    return this.thread.getByRole('figure')
  }

  /** The button that is a picture of the thread; from the end when negative. */
  picture(at: number): Locator {
    return this.pictures.nth(at).getByRole('button').first()
  }

  get inspector() {
    return this.page.getByRole('complementary', { name: '이미지 살펴보기' })
  }

  get said() {
    return this.thread.getByRole('article', { name: '나', exact: true })
  }

  /** Opens a page and waits for the app: a key that is pressed before it is there, is lost. */
  async open(path = '/') {
    await this.openFirst(path)
    await expect(this.page.locator('#root > .first')).toHaveCount(0)
  }

  /** Opens a page whose app may still be on its way. */
  async openFirst(path: string) {
    await this.page.goto(this.url + path)
  }

  async say(text: string) {
    await this.composer.fill(text)
    await this.composer.press('Enter')
  }

  /** Sets how the next pictures are made. */
  async choose(mode: '알아서' | '이미지' | '대화만', count = 1) {
    await this.page.getByRole('button', { name: /^옵션/ }).click()
    const options = this.page.getByRole('dialog', { name: '옵션' })
    await options.getByRole('radio', { name: mode }).check({ force: true })
    if (mode !== '대화만') await options.getByRole('group', { name: '장수' }).getByRole('radio', { name: String(count) }).check({ force: true })
    await this.page.keyboard.press('Escape')
    await expect(options).toBeHidden()
  }

  /** Makes a conversation by the API and opens it. */
  async conversation(title = '시험 대화') {
    const answer = await this.page.request.post(`${this.url}/api/image-chat/sessions`, { data: { title, image_purpose: 'banner_web' } })
    expect(answer.status()).toBe(201)
    const { id } = (await answer.json()) as { id: string }
    await this.open(`/c/${id}`)
    await expect(this.composer).toBeVisible()
    return id
  }

  /** A conversation with one picture, asked for in the page. */
  async onePicture() {
    const id = await this.conversation()
    await this.choose('이미지')
    await this.say('바닷가의 등대')
    await expect(this.pictures).toHaveCount(1)
    return id
  }

  /** What the server holds of a conversation. */
  async messages(id: string): Promise<{ role: string; text_content: string; images: { id: string; width: number }[]; reference_images: unknown[] }[]> {
    const answer = await this.page.request.get(`${this.url}/api/image-chat/sessions/${id}`)
    return ((await answer.json()) as { messages: [] }).messages
  }
}

interface Fixtures {
  /** Environment of the program. */
  environment: Record<string, string>
  /** Flags of the stand-in; set to draw with it instead of with the demo generator. */
  standInFlags: string[] | undefined
  /** Whether the test cuts lines, so that failed requests on the console are no fault. */
  cutsLines: boolean
  standIn: StandIn
  server: Server
  app: App
}

export const test = base.extend<Fixtures>({
  environment: [{}, { option: true }],
  standInFlags: [undefined, { option: true }],
  cutsLines: [false, { option: true }],

  standIn: async ({ standInFlags }, use) => {
    const standIn = await StandIn.start(...(standInFlags ?? []))
    await use(standIn)
    standIn.close()
  },

  server: async ({ environment, standInFlags, standIn }, use, info) => {
    const gemini: Record<string, string> = standInFlags ? { GEMINI_API_KEY: 'any', GEMINI_BASE_URL: standIn.url } : {}
    const server = await Server.start({ ...gemini, ...environment })
    await use(server)
    if (info.status !== info.expectedStatus) await info.attach('server', { body: server.output })
    await server.close()
  },

  app: async ({ page, server, cutsLines }, use) => {
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      // Answers of 4xx and 5xx are part of some tests; a broken rule of the page's policy never is.
      if (message.type() === 'error' && !/status of \d{3}/.test(message.text()) && !(cutsLines && /ERR_|WebSocket/.test(message.text()))) faults.push(message.text())
    })
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url())
      if (protocol.startsWith('http') && origin !== server.url) faults.push(`a request to ${origin}`)
    })
    await use(new App(page, server.url))
    expect(faults).toEqual([])
  },
})

export { expect }

/** A small PNG, made here so that no test needs a file. */
export async function pngOf(page: Page, colour: string, width = 320, height = 240): Promise<Buffer> {
  const url = await page.evaluate(
    ([fill, w, h]) => {
      const canvas = document.createElement('canvas')
      canvas.width = w
      canvas.height = h
      const context = canvas.getContext('2d') as CanvasRenderingContext2D
      context.fillStyle = fill
      context.fillRect(0, 0, w, h)
      return canvas.toDataURL('image/png')
    },
    [colour, width, height] as const,
  )
  return Buffer.from(url.split(',')[1] as string, 'base64')
}
