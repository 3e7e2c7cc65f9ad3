import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { expect, test } from './app.ts'

// The TypeScript client in a page, as other people's programs have it: over HTTP/1.1 a browser opens six connections a host.
// Its bundler is the client's own.
const { buildSync } = createRequire(new URL('../../openapi/ts/package.json', import.meta.url))('esbuild') as {
  buildSync: (options: object) => { outputFiles: { text: string }[] }
}
const bundle = buildSync({
  entryPoints: [fileURLToPath(new URL('../../openapi/ts/src/index.ts', import.meta.url))],
  bundle: true, format: 'iife', globalName: 'imagechat', target: 'es2022', write: false,
}).outputFiles[0]!.text

interface Client {
  sessions: { create(body: object): Promise<{ id: string }> }
  turns: { run(id: string, body: object): Promise<{ images: unknown[] }> }
}
declare const imagechat: { createClient(options: object): Client }

test.use({ bypassCSP: true, environment: { MAX_CONCURRENT_TURNS: '8' } })

test('eight turns run at once in one page', async ({ page, server }) => {
  await page.goto(`${server.url}/docs`)
  await page.addScriptTag({ content: bundle })
  const pictures = await page.evaluate(async () => {
    const client = imagechat.createClient({ language: 'en' })
    const sessions = await Promise.all(Array.from({ length: 8 }, () => client.sessions.create({ image_purpose: 'banner_web' })))
    const replies = await Promise.all(sessions.map((s) => client.turns.run(s.id, { kind: 'generate', content: 'a lamp' })))
    return replies.map((r) => r.images.length)
  })
  expect(pictures).toEqual(Array(8).fill(1))
})
