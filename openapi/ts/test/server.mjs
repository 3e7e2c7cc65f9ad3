// Starts the real server for tests: built once, on a free port, with data of its own.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const built = mkdtempSync(join(tmpdir(), 'imagechat-client-'));
export const binary = join(built, 'imagechat');
execFileSync('go', ['build', '-o', binary, './cmd/imagechat'], { cwd: root, stdio: 'inherit' });
process.on('exit', () => rmSync(built, { recursive: true, force: true }));

async function freePort() {
  const s = createServer().listen(0, '127.0.0.1');
  await once(s, 'listening');
  const { port } = s.address();
  s.close();
  await once(s, 'close');
  return port;
}

/** The stand-in of the Gemini API, whose pictures have prices; its address and key as settings of a server. */
export async function standIn(t) {
  const program = join(built, 'gemini-standin');
  if (!existsSync(program)) execFileSync('go', ['build', '-o', program, './adapters/gemini/geminitest/cmd/gemini-standin'], { cwd: root, stdio: 'inherit' });
  const child = spawn(program, ['-max-side', '256'], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { GENERATOR: 'auto', GEMINI_API_KEY: 'any', GEMINI_BASE_URL: line.match(/http:\S+/)[0] };
}

/** A server that is up; kill() is kill -9, restart() brings it back on the same port and data. */
export async function startServer(t, env = {}) {
  const data = mkdtempSync(join(built, 'data-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child;
  const start = async () => {
    let output = '';
    child = spawn(binary, ['serve'], {
      cwd: data,
      env: { PATH: process.env.PATH, HOME: data, PORT: String(port), GENERATOR: 'demo', DRAIN_TIMEOUT: '1s', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.on('data', (b) => { output += b; });
    for (let i = 0; i < 200; i++) {
      if (child.exitCode !== null) throw new Error(`the server ended: ${output}`);
      try {
        if ((await fetch(`${url}/health`)).ok) return;
      } catch {
        // not listening yet
      }
      await new Promise((r) => setTimeout(r, 50));
    }
    throw new Error(`the server did not come up: ${output}`);
  };
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  };
  await start();
  t.after(kill);
  return { url, kill, restart: start };
}
