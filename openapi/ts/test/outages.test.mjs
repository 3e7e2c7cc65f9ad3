// What a client does when the server is away, slow, or somebody else answers in its place.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as forward } from 'node:http';
import { test } from 'node:test';
import WebSocket from 'ws';
import { ConnectionError, createClient, ImageChatError } from '../dist/index.js';
import { startProxy } from './proxy.mjs';
import { startServer } from './server.mjs';

const nobody = '01900000-0000-7000-8000-000000000000';

async function listening(t, handler) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => { server.closeAllConnections(); server.close(); });
  return `http://127.0.0.1:${server.address().port}`;
}

const lines = [['a socket', { WebSocket }], ['the event stream', {}]];

for (const [name, options] of lines) {
  for (const away of [1_500, 6_000]) {
    test(`a run over ${name} outlives a server that is away for ${away} ms`, async (t) => {
      const server = await startServer(t);
      const proxy = await startProxy(t, server.url);
      const client = createClient({ baseUrl: proxy.url, ...options });
      const session = await client.sessions.create({ image_purpose: 'email_header' });
      const run = client.turns.run(session.id, { kind: 'generate', content: '창가의 조명' });
      await run.turn;
      await proxy.away(away);
      assert.equal((await run).images.length, 1);
      assert.equal((await client.usage.get()).turns, 1);
    });
  }

  test(`a run over ${name} gives up after its patience, by an error of the client's`, async (t) => {
    const server = await startServer(t);
    const proxy = await startProxy(t, server.url);
    const client = createClient({ baseUrl: proxy.url, ...options });
    const session = await client.sessions.create({ image_purpose: 'email_header' });
    const run = client.turns.run(session.id, { kind: 'generate', content: '창가의 조명' }, { patience: 1 });
    await run.turn;
    const away = proxy.away(5_000);
    await assert.rejects(run, ConnectionError);
    await away;
  });

  test(`a run over ${name} throws what any other method throws`, async (t) => {
    const server = await startServer(t, { AUTH_TOKENS: 'mina:a-long-enough-secret-of-mina' });
    const client = (token) => createClient({ baseUrl: server.url, token, maxRetries: 0, ...options });
    const { id } = await client('a-long-enough-secret-of-mina').sessions.create({ image_purpose: 'email_header' });
    await assert.rejects(client('a-wrong-secret-of-somebody').turns.run(id, { content: '안녕' }), { name: 'ImageChatError', code: 'unauthorized', status: 401 });
    await assert.rejects(client('a-long-enough-secret-of-mina').turns.run(nobody, { content: '안녕' }), { name: 'ImageChatError', code: 'session_not_found', status: 404 });
  });
}

test('a failed turn ends the loop over its frames with its error', async (t) => {
  const server = await startServer(t);
  const client = createClient({ baseUrl: server.url, WebSocket });
  const session = await client.sessions.create({ image_purpose: 'email_header' });
  const run = client.turns.run(session.id, { kind: 'generate', content: '창가의 조명' });
  const seen = [];
  await assert.rejects(async () => {
    for await (const frame of run) {
      seen.push(frame.type);
      if (frame.type === 'status' && frame.data.code === 'accepted') await run.cancel();
    }
  }, { code: 'cancelled' });
  assert.equal(seen.at(-1), 'error');
  assert.equal(await run.catch((e) => e.code), 'cancelled');
  let done = false;
  await assert.rejects(run.finally(() => { done = true; }), ImageChatError);
  assert.ok(done);
});

test('a server that is down is a ConnectionError, of a run too', async () => {
  const client = createClient({ baseUrl: 'http://127.0.0.1:9', maxRetries: 0 });
  await assert.rejects(client.sessions.list(), ConnectionError);
  await assert.rejects(client.turns.run(nobody, { content: '안녕' }, { patience: 1 }), ConnectionError);
});

test('a page of somebody else in an answer’s place is an error', async (t) => {
  let asked = 0;
  const url = await listening(t, (_req, res) => {
    asked++;
    res.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Sign in to the Wi-Fi</title>');
  });
  const client = createClient({ baseUrl: url });
  const calls = [
    () => client.sessions.list(), () => client.images.get(nobody), () => client.info(), () => client.images.content(nobody),
    () => client.images.export(nobody, { purpose: 'email_header' }), () => client.uploads.create(Buffer.from('x')),
    async () => { for await (const _ of client.sessions.all()); },
  ];
  for (const call of calls) await assert.rejects(call(), (e) => e instanceof ConnectionError && /text\/html/.test(e.message), String(call));
  assert.equal(asked, calls.length);
  await assert.rejects(client.turns.run(nobody, { content: '안녕' }, { patience: 1 }), ConnectionError);
  assert.ok(asked < 30, `${asked} requests`);
});

test('a page of somebody else in the middle of a turn is waited out', async (t) => {
  const server = await startServer(t);
  let pages = 0;
  const { hostname, port } = new URL(server.url);
  const url = await listening(t, (req, res) => {
    if (/\/turns\/[^/]+$/.test(req.url) && ++pages <= 2) return res.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>');
    // No event stream gets through here: the run has to ask.
    if (req.url.includes('/events')) return res.writeHead(502, { 'Content-Type': 'text/html' }).end('<html>bad gateway</html>');
    req.pipe(forward({ hostname, port, path: req.url, method: req.method, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode, answer.headers);
      answer.pipe(res);
    }));
  });
  const client = createClient({ baseUrl: url });
  const session = await client.sessions.create({ image_purpose: 'email_header' });
  assert.equal((await client.turns.run(session.id, { kind: 'generate', content: '창가의 조명' })).images.length, 1);
  assert.ok(pages > 2);
});

test('a server that never answers is given up after the timeout, and a signal’s reason is the caller’s', async (t) => {
  const url = await listening(t, () => {});
  const client = createClient({ baseUrl: url, timeout: 200, maxRetries: 0 });
  await assert.rejects(client.sessions.list(), (e) => e instanceof ConnectionError && /200 ms/.test(e.message));
  await assert.rejects(client.info({ timeout: 50 }), (e) => e instanceof ConnectionError && /50 ms/.test(e.message));
  await assert.rejects(client.sessions.list({}, { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' });
  await assert.rejects(client.sessions.list({}, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  const why = new Error('the person left');
  await assert.rejects(client.sessions.list({}, { signal: AbortSignal.abort(why) }), why);
});

test('every try is told, and the hook cannot break the request', async (t) => {
  let asked = 0;
  const url = await listening(t, (_req, res) => {
    if (++asked === 1) return res.writeHead(503, { 'Retry-After': '0' }).end();
    res.writeHead(200, { 'Content-Type': 'application/json' }).end('[]');
  });
  const tries = [];
  const client = createClient({ baseUrl: url, token: async () => 'fresh', headers: { 'X-Team': 'ads' }, onAttempt: (a) => {
    tries.push([a.attempt, a.response?.status, a.request.headers.get('Authorization'), a.request.headers.get('X-Team')]);
    throw new Error('a logger that fails');
  } });
  assert.deepEqual(await client.styles.list(), []);
  assert.deepEqual(tries, [[1, 503, 'Bearer fresh', 'ads'], [2, 200, 'Bearer fresh', 'ads']]);
});

test('a file comes under the name that the server gives it', async (t) => {
  const server = await startServer(t);
  const client = createClient({ baseUrl: server.url });
  const session = await client.sessions.create({ image_purpose: 'email_header', title: '가을 세일' });
  const { images: [image] } = await client.turns.run(session.id, { kind: 'generate', content: '세일' });
  const file = await client.images.export(image.id, { purpose: 'email_header', format: 'png' });
  assert.match(file.name, /가을.세일.*600x200\.png$/);
  assert.equal(file.type, 'image/png');
  assert.match((await client.exports.create(session.id, { image_id: image.id, purposes: ['email_header'] })).name, /가을.세일.*\.zip$/);
});
