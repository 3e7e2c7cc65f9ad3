import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import WebSocket from 'ws';
import { ConnectionError, createClient, ImageChatError } from '../dist/index.js';
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
  const file = Buffer.from(await (await client.images.export(image.id, { purpose: 'email_header', format: 'png' })).arrayBuffer());
  assert.equal(file.readUInt32BE(16), 600);
  assert.equal(file.readUInt32BE(20), 200);
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
  const lost = new Promise((r) => { socket.on('state', (state) => state === 'open' || r()); });
  await server.kill();
  // A frame handed to a line that has just broken is gone, as send says; one that is sent after that waits.
  await lost;
  socket.send({ type: 'chat', content: '또 안녕', id: 'two' });
  await server.restart();
  await reply(2);
  assert.deepEqual(seqs, [1, 2, 3, 4]);
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
