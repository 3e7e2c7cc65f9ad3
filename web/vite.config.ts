import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { early, pieces } from './scripts/pieces.ts'

// Where `npm run dev` finds the Go server; `make run` listens on 8000.
const server = process.env.IMAGECHAT_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  resolve: { alias: { '@gemini-image-chat/client': fileURLToPath(new URL('../openapi/ts/src/index.ts', import.meta.url)) } },
  plugins: [react(), tailwindcss(), early()],
  // A host program may mount the app under a path of its own: scripts and styles find their files beside themselves, and
  // the server writes the path into index.html, which names the first of them.
  experimental: { renderBuiltUrl: (name, { hostType }) => (hostType === 'html' ? `/${name}` : { relative: true }) },
  build: {
    target: 'es2022',
    manifest: true,
    // The policy that the server sends allows no data: fonts or scripts, so nothing is inlined.
    assetsInlineLimit: 0,
    rolldownOptions: { output: { codeSplitting: { groups: pieces } } },
  },
  server: {
    proxy: {
      '/api': server,
      '/health': server,
      '/ws': { target: server, ws: true },
    },
  },
})
