import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import WebSocket from 'ws';
import { ConnectionError, createClient, ImageChatError } from '../dist/index.js';
import { startProxy } from './proxy.mjs';
import { startServer } from './server.mjs';

// A PNG of 2×2 red pixels.
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==', 'base64');

async function conversation(t, env) {
  const server = await startServer(t, env);
  const client = createClient({ baseUrl: server.url, language: 'ko', WebSocket });
  const session = await client.sessions.create({ image_purpose: 'email_header' });
  return { server, client, session };
}

test('a run yields its progress and resolves with the reply', async (t) => {
  const { client, session } = await conversation(t);
  const run = client.turns.run(session.id, { kind: 'generate', content: '창가의 조명' });
  const seen = [];
  for await (const frame of run) seen.push(frame.type === 'status' ? frame.data.code : frame.type);
  const message = await run;
  assert.equal(message.images.length, 1);
  assert.equal(seen[0], 'accepted');
  assert.ok(seen.includes('generating'), `progress ${seen}`);
  assert.equal(seen.at(-1), message.content_type);
  assert.equal((await run.turn).kind, 'generate');
});

test('the same idempotency key runs once and gives the same reply', async (t) => {
  const { client, session } = await conversation(t);
  const idempotencyKey = 'once';
  const request = { kind: 'generate', content: '한 번만' };
  const [a, b] = await Promise.all([
    client.turns.run(session.id, request, { idempotencyKey }),
    client.turns.run(session.id, request, { idempotencyKey }),
  ]);
  assert.equal(a.id, b.id);
  assert.equal((await client.turns.run(session.id, request, { idempotencyKey })).id, a.id);
  await assert.rejects(client.turns.create(session.id, { kind: 'chat', content: '다른 말' }, { idempotencyKey }), { code: 'idempotency_mismatch', status: 409 });
});

test('problems are typed errors', async (t) => {
  const { client, session } = await conversation(t);
  await assert.rejects(Promise.resolve(client.turns.run(session.id, { content: '가'.repeat(2001) })), (e) => {
    assert.ok(e instanceof ImageChatError);
    assert.equal(e.code, 'invalid_request');
    assert.equal(e.status, 422);
    assert.equal(e.problem.errors[0].location, 'content');
    return true;
  });
  await assert.rejects(client.sessions.get('01900000-0000-7000-8000-000000000000'), { code: 'session_not_found' });
  await assert.rejects(createClient({ baseUrl: 'http://127.0.0.1:9' }).health(), ConnectionError);
});

test('a token is sent, and its absence is explained', async (t) => {
  const server = await startServer(t, { AUTH_TOKENS: 'mina:a-long-enough-secret-of-mina' });
  await assert.rejects(createClient({ baseUrl: server.url }).sessions.list(), { code: 'unauthorized', status: 401 });
  const client = createClient({ baseUrl: server.url, token: 'a-long-enough-secret-of-mina', WebSocket });
  const session = await client.sessions.create({ image_purpose: 'email_header' });
  assert.equal((await client.turns.run(session.id, { kind: 'chat', content: '안녕' })).role, 'assistant');
  const socket = client.socket(session.id);
  for await (const frame of socket.frames()) {
    assert.equal(frame.data.code, 'connected');
    socket.close();
  }
});

test('lists are walked page by page', async (t) => {
  const { client } = await conversation(t);
  for (let i = 0; i < 24; i++) await client.sessions.create({ image_purpose: 'email_header', title: `대화 ${i}` });
  const titles = [];
  for await (const s of client.sessions.all({ limit: 10 })) titles.push(s.title);
  assert.equal(titles.length, 25);
  assert.equal(titles[0], '대화 23');
  assert.equal(new Set(titles).size, 25);
});

test('bytes go up and come back: uploads, originals, exact exports', async (t) => {
  const { client, session } = await conversation(t);
  const upload = await client.uploads.create(new File([png], '로고 최종.png', { type: 'image/png' }));
  assert.equal(upload.role, 'reference');
  assert.equal(upload.width, 2);
  const { images: [image] } = await client.turns.run(session.id, { kind: 'generate', content: '세일', reference_image_ids: [upload.id] });
  const original = Buffer.from(await (await client.images.content(image.id)).arrayBuffer());
  assert.equal(createHash('sha256').update(original).digest('hex'), image.sha256);
  const { files: [announced] } = await client.exports.preview(image.id, { purposes: ['email_header'], formats: ['png'] });
  const file = Buffer.from(await (await client.images.export(image.id, { purpose: 'email_header', format: 'png' })).arrayBuffer());
  assert.equal(file.readUInt32BE(16), 600);
  assert.equal(file.readUInt32BE(20), 200);
  assert.equal(announced.bytes, file.length);
  assert.equal(announced.sha256, createHash('sha256').update(file).digest('hex'));
  const zip = await client.exports.create(session.id, { image_id: image.id, purposes: ['email_header', 'sns_facebook'] });
  assert.equal(Buffer.from(await zip.slice(0, 2).arrayBuffer()).toString(), 'PK');
  assert.match(client.images.contentUrl(image.id, { w: 320 }), /\/api\/image-chat\/images\/.*\/content\?w=320$/);
});

test('a socket resumes after kill -9 and repeats nothing', async (t) => {
  const { server, client, session } = await conversation(t);
  const socket = client.socket(session.id, { after: 0 });
  t.after(() => socket.close());
  const seqs = [];
  const replies = [];
  let arrived = () => {};
  socket.on('frame', (f) => {
    if (f.seq) seqs.push(f.seq);
    if (f.type === 'message') { replies.push(f.content); arrived(); }
  });
  const reply = async (n) => { while (replies.length < n) await new Promise((r) => { arrived = r; }); };
  socket.send({ type: 'chat', content: '안녕', id: 'one' });
  await reply(1);
  await server.kill();
  // The line is gone, and the socket may not have heard of it yet.
  socket.send({ type: 'chat', content: '또 안녕', id: 'two' });
  await server.restart();
  await reply(2);
  assert.deepEqual(seqs, [1, 2, 3, 4]);
});

// At whichever instant of a sending the line breaks, the turn runs once and is told once.
for (const [name, cut] of [
  ['before the server has the frame', 'swallow'],
  ['after the server has the frame and before its answer is here', 'deliver'],
]) {
  test(`a turn is neither lost nor run twice when the line breaks ${name}`, async (t) => {
    const { server, session } = await conversation(t);
    const proxy = await startProxy(t, server.url);
    const client = createClient({ baseUrl: proxy.url, language: 'ko', WebSocket });
    const socket = client.socket(session.id);
    t.after(() => socket.close());
    const frames = socket.frames();
    const until = async (wanted) => {
      for (const seen = []; ; ) {
        const { value } = await frames.next();
        seen.push(value);
        if (wanted(value)) return seen;
      }
    };
    await until((f) => f.data.code === 'connected');
    for (const content of ['하나', '둘', '셋']) {
      proxy.cutAtNextSending(cut);
      const id = socket.send({ type: 'chat', content });
      assert.deepEqual(socket.pending, [id]);
      const told = (await until((f) => f.type === 'message')).filter((f) => f.data.code === 'accepted');
      assert.ok(told.length >= 1 && told.length <= 2, `accepted ${told.length} times`);
      assert.equal(told.filter((f) => f.seq).length, 1, 'the numbered frame comes once');
      assert.deepEqual([...new Set(told.map((f) => f.id))], [id]);
      assert.deepEqual(socket.pending, []);
    }
    assert.equal(proxy.cuts, 3);
    const { messages } = await client.sessions.get(session.id);
    assert.deepEqual(messages.filter((m) => m.role === 'user').map((m) => m.text_content), ['하나', '둘', '셋']);
    assert.equal((await client.usage.get()).turns, 3);
  });
}

test('turns sent while there is no line arrive in order, once each', async (t) => {
  const { server, client, session } = await conversation(t);
  const socket = client.socket(session.id, { after: 0 });
  t.after(() => socket.close());
  const contents = Array.from({ length: 6 }, (_, i) => `말 ${i}`);
  for (const content of contents.slice(0, 3)) socket.send({ type: 'chat', content }); // not even connected yet
  await server.kill();
  for (const content of contents.slice(3)) socket.send({ type: 'chat', content });
  await server.restart();
  let accepted = 0;
  for await (const f of socket.frames()) if (f.seq && f.data.code === 'accepted' && ++accepted === contents.length) break;
  const { messages } = await client.sessions.get(session.id);
  assert.deepEqual(messages.filter((m) => m.role === 'user').map((m) => m.text_content), contents);
});

test('a turn that is refused is told so by its id and not sent again', async (t) => {
  const { server, session } = await conversation(t);
  const proxy = await startProxy(t, server.url);
  const socket = createClient({ baseUrl: proxy.url, language: 'ko', WebSocket }).socket(session.id);
  t.after(() => socket.close());
  const id = socket.send({ type: 'chat', content: '' });
  const errors = [];
  for await (const f of socket.frames()) {
    if (f.type === 'error') {
      errors.push([f.id, f.data.code]);
      assert.deepEqual(socket.pending, []);
      proxy.cut();
      socket.send({ type: 'chat', content: '안녕' });
    }
    if (f.type === 'message') break;
  }
  assert.deepEqual(errors, [[id, 'invalid_request']]);
  assert.throws(() => socket.send({ type: 'chat', content: '가'.repeat(11_000) }), /at most/);
});

test('a socket gives up where coming back is pointless', async (t) => {
  const { client } = await conversation(t);
  const socket = client.socket('01900000-0000-7000-8000-000000000000');
  await assert.rejects(async () => { for await (const _ of socket.frames()); }, { code: 'session_not_found' });
  assert.equal(socket.state, 'closed');
});

test('a run goes on when the server is killed before the call and comes back', async (t) => {
  const { server, client, session } = await conversation(t);
  const run = client.turns.run(session.id, { kind: 'generate', content: '다시 켜도' });
  await run.turn;
  await server.kill();
  await server.restart();
  // The call may have been out: then nothing is repeated and the person decides.
  await run.then((m) => assert.equal(m.images.length, 1), (e) => assert.equal(e.code, 'interrupted'));
});

test('a signal ends the following, cancel ends the turn', async (t) => {
  const { client, session } = await conversation(t);
  const stop = new AbortController();
  const run = client.turns.run(session.id, { kind: 'generate', content: '멈춰' }, { signal: stop.signal });
  const turn = await run.turn;
  stop.abort();
  await assert.rejects(Promise.resolve(run), { name: 'AbortError' });
  const cancelled = await client.turns.cancel(turn.id);
  assert.equal(cancelled.status, 'cancelled');
  await assert.rejects(client.turns.cancel(turn.id), { code: 'conflict', status: 409 });
});
