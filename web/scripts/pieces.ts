// How the app is cut into files, and what index.html holds and asks for before any of them has run.
import { createHash } from 'node:crypto'
import { build, type Plugin } from 'vite'
import { firstWords } from '../src/first/words.ts'

const root = new URL('../src/', import.meta.url).pathname

/** The page behind the first part of an address; boot.js has its files fetched beside those of the first page. */
const pages: Record<string, string> = {
  c: 'conversation/page.tsx',
  gallery: 'gallery/page.tsx',
  brands: 'brands/page.tsx',
  usage: 'pages/usage.tsx',
  settings: 'pages/settings.tsx',
  login: 'pages/login.tsx',
}

interface Graph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null
}

/** All that main.tsx imports statically. */
let initial: Set<string> | undefined

function isInitial(id: string, graph: Graph) {
  if (!initial) {
    const seen = new Set<string>()
    const visit = (one: string) => {
      if (seen.has(one)) return
      seen.add(one)
      graph.getModuleInfo(one)?.importedIds.forEach(visit)
    }
    visit(`${root}main.tsx`)
    initial = seen
  }
  return initial.has(id)
}

const piece = (name: string, priority: number, holds: (id: string, graph: Graph) => boolean) => ({
  debugName: name,
  priority,
  name: (id: string, graph: Graph) => (holds(id, graph) ? name : null),
})

/**
 * Few files: on a slow line each costs a journey of its own. Libraries have theirs, so that a change of ours rewrites a
 * few kilobytes only, in git and in caches. What the first page does not need is left to the bundler.
 */
export const pieces = [
  piece('react', 4, (id) => /node_modules\/(react|react-dom|scheduler)\/|rolldown\/runtime/.test(id)),
  piece('vendor', 3, (id, graph) => id.includes('/node_modules/') && isInitial(id, graph)),
  // A few lines that several pages share are no reason for a file.
  piece('app', 2, (id, graph) => id.endsWith('/exporting/save.ts') || (!id.endsWith('/main.tsx') && isInitial(id, graph))),
  piece('panels', 1, (id) => /node_modules\/(@base-ui|@floating-ui)\//.test(id)),
]

/** src/first/boot.ts with all that it needs, as one classic script: it has to run before the page is drawn. */
async function boot() {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, target: 'es2022', lib: { entry: `${root}first/boot.ts`, formats: ['iife'], name: 'boot' } },
  })
  const output = Array.isArray(result) ? result[0] : result
  if (!output || !('output' in output)) throw new Error('boot.ts was not built')
  return output.output[0].code
}

/**
 * Puts the first words and the boot script into index.html, and has each of the first page's files run as soon as it has
 * come, in a task of its own: the page answers between them. The other pages' files are told to the boot script.
 */
export function early(): Plugin {
  let building = false
  let script = ''
  const holding = (chunks: { facadeModuleId: string | null; fileName: string }[], module: string) => chunks.find((one) => one.facadeModuleId === root + module)?.fileName ?? ''
  return {
    name: 'early',
    configResolved(config) {
      building = config.command === 'build'
    },
    async buildStart() {
      initial = undefined
      if (!building) return
      const source = await boot()
      script = `assets/boot-${createHash('sha256').update(source).digest('base64url').slice(0, 8)}.js`
      this.emitFile({ type: 'asset', fileName: script, source })
    },
    configureServer(server) {
      server.middlewares.use('/boot.js', (_, answer) => {
        boot().then((code) => answer.setHeader('Content-Type', 'text/javascript').end(code), (error: unknown) => answer.writeHead(500).end(String(error)))
      })
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const worded = html.replace('<div id="root"></div>', `<div id="root">${firstWords}</div>`)
        if (!bundle) return worded.replace('<!-- boot -->', '<script src="/boot.js"></script>')
        const chunks = Object.values(bundle).filter((one) => one.type === 'chunk')
        const named = new Map(chunks.map((one) => [one.fileName, one]))
        // What a file imports, in the order in which it has to run, and the file itself.
        const closure = (file: string, into: string[] = []): string[] => {
          for (const next of named.get(file)?.imports ?? []) if (!into.includes(next)) closure(next, into)
          into.push(file)
          return into
        }
        const first = closure(chunks.find((one) => one.isEntry)?.fileName ?? '')
        const parts = Object.fromEntries(Object.entries(pages).map(([path, module]) => [path, closure(holding(chunks, module)).filter((file) => !first.includes(file)).map((file) => `/${file}`)]))
        return {
          html: worded
            .replace(/\s*<link rel="modulepreload"[^>]*>/g, '')
            .replace('<!-- boot -->', `<meta name="parts" content='${JSON.stringify(parts)}' />\n    <script src="/${script}"></script>`)
            .replace('<script type="module" crossorigin', '<script type="module" fetchpriority="low" crossorigin'),
          // What can be seen comes first: the style sheet, and the pictures that the boot script asks for.
          tags: first.slice(0, -1).map((file) => ({ tag: 'script', attrs: { type: 'module', async: true, fetchpriority: 'low', crossorigin: true, src: `/${file}` }, injectTo: 'head' as const })),
        }
      },
    },
  }
}
