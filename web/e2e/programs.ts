import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  return port
}

/** The program under test, with data of its own in a folder of its own. It can be killed and started again. */
export class Server {
  private child?: ChildProcess
  private log = ''
  private readonly folder = mkdtempSync(join(tmpdir(), 'imagechat-e2e-'))

  private constructor(private readonly port: number, private readonly environment: Record<string, string>) {}

  static async start(environment: Record<string, string> = {}) {
    const server = new Server(await freePort(), environment)
    await server.start()
    return server
  }

  get url() {
    return `http://127.0.0.1:${this.port}`
  }

  async start() {
    this.child = spawn(process.env.IMAGECHAT_BIN as string, [], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH, HOME: this.folder, PORT: String(this.port),
        DATABASE_URL: `sqlite:///${join(this.folder, 'chat.db')}`, BLOB_URL: `file://${join(this.folder, 'blobs')}`, ...this.environment,
      },
    })
    this.child.stdout?.on('data', (part) => (this.log += part))
    this.child.stderr?.on('data', (part) => (this.log += part))
    await this.ready()
  }

  private async ready() {
    for (let tries = 0; tries < 200; tries++) {
      if (this.child?.exitCode !== null) throw new Error(`the server ended at its start:\n${this.log}`)
      const answer = await fetch(`${this.url}/health`).catch(() => undefined)
      if (answer?.ok) return
      await new Promise((done) => setTimeout(done, 50))
    }
    throw new Error(`the server did not answer within ten seconds:\n${this.log}`)
  }

  /** Ends it as a power cut would. */
  async kill() {
    await this.end('SIGKILL')
  }

  private async end(signal: NodeJS.Signals) {
    const child = this.child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }

  async close() {
    await this.end('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** What the program said, for failed tests. */
  get output() {
    return this.log
  }
}

/** The stand-in of the Gemini API; its calls are steered by directives in the prompt and by this. */
export class StandIn {
  private constructor(private readonly child: ChildProcess, readonly url: string) {}

  static async start(...flags: string[]) {
    const child = spawn(process.env.STANDIN_BIN as string, ['-max-side', '512', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
    const [url] = (await once(lines, 'line')) as [string]
    return new StandIn(child, url)
  }

  /** Lets held calls go. */
  async release() {
    await fetch(`${this.url}/_control/release`, { method: 'POST' })
  }

  async calls(): Promise<number> {
    const answer = await fetch(`${this.url}/_control/stats`)
    return ((await answer.json()) as { calls: number }).calls
  }

  async requests(): Promise<{ prompt?: string; Prompt?: string }[]> {
    return (await fetch(`${this.url}/_control/requests`)).json() as Promise<{ prompt?: string }[]>
  }

  close() {
    this.child.kill('SIGKILL')
  }
}
