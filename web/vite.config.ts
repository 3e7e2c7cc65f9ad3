import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

// Where `npm run dev` finds the Go server; `make run` listens on 8000.
const server = process.env.IMAGECHAT_SERVER ?? 'http://127.0.0.1:8000'

/** Names in index.html what the entry asks for at once, so that the browser fetches it all in one round. */
const preloadFirst: Plugin = {
  name: 'preload-first',
  transformIndexHtml: {
    order: 'post',
    handler(_, { bundle, chunk }) {
      const files = new Set<string>()
      const visit = (name: string) => {
        const part = bundle?.[name]
        if (part?.type !== 'chunk' || files.has(name)) return
        files.add(name)
        part.imports.forEach(visit)
      }
      chunk?.dynamicImports.forEach(visit)
      chunk?.imports.forEach((name) => files.delete(name))
      return [...files].map((name) => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: `/${name}` }, injectTo: 'head' }))
    },
  },
}

export default defineConfig({
  resolve: { alias: { '@gemini-image-chat/client': fileURLToPath(new URL('../openapi/ts/src/index.ts', import.meta.url)) } },
  plugins: [react(), tailwindcss(), preloadFirst],
  build: {
    target: 'es2022',
    manifest: true,
    // The policy that the server sends allows no data: fonts or scripts, so nothing is inlined.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // Libraries in files of their own: a change of ours then rewrites a few kilobytes, in git and in caches.
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: 'vendor', test: /node_modules\/(@tanstack\/(react-query|query-core)|react-router|zustand|@base-ui|@floating-ui|es-hangul|clsx|lucide-react)\// },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': server,
      '/health': server,
      '/ws': { target: server, ws: true },
    },
  },
})
