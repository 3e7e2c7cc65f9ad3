import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// Where `npm run dev` finds the Go server; `make run` listens on 8000.
const server = process.env.IMAGECHAT_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  resolve: { alias: { '@gemini-image-chat/client': fileURLToPath(new URL('../openapi/ts/src/index.ts', import.meta.url)) } },
  plugins: [react(), tailwindcss()],
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
