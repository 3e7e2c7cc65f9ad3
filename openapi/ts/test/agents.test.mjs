// The agents' side of the server, with the official client of the Model Context Protocol.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { binary, standIn, startServer } from './server.mjs';

const secret = 'a-long-enough-secret-of-mina';

/** An agent that is connected; call throws what a tool refuses. */
async function connect(t, transport) {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  t.after(() => client.close());
  const call = async (name, args = {}) => {
    const result = await client.callTool({ name, arguments: args });
    if (result.isError) throw new Error(result.content.map((c) => c.text).join('\n'));
    return { ...result.structuredContent, content: result.content };
  };
  return { client, call };
}

async function drawAndTakeHome({ client, call }) {
  const { placements } = await call('list_placements', { query: '이메일' });
  assert.ok(placements.some((p) => p.id === 'email_header' && p.width === 600));
  const session = await call('create_session', { placement: 'email_header' });
  const drawn = await call('generate_image', { session_id: session.id, prompt: '창가의 조명', idempotency_key: 'one' });
  assert.equal(drawn.status, 'succeeded');
  assert.deepEqual(drawn.content.map((c) => c.type), ['text', 'image', 'resource_link']);
  const again = await call('generate_image', { session_id: session.id, prompt: '창가의 조명', idempotency_key: 'one' });
  assert.equal(again.turn_id, drawn.turn_id);
  const refined = await call('refine_image', { image_id: drawn.images[0].id, prompt: '더 밝게' });
  assert.equal(refined.status, 'succeeded');
  const file = await call('export_image', { image_id: refined.images[0].id, placement: 'email_header', format: 'png' });
  const { contents } = await client.readResource({ uri: file.resource });
  const bytes = Buffer.from(contents[0].blob, 'base64');
  assert.equal(createHash('sha256').update(bytes).digest('hex'), file.sha256);
  assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [600, 200]);
  const usage = await call('get_usage');
  assert.equal(usage.turns, 2);
  return file;
}

test('an agent draws, refines and exports over HTTP, behind a login', async (t) => {
  const server = await startServer(t, { AUTH_TOKENS: `mina:${secret},jun:another-long-secret-of-jun` });
  const url = new URL(`${server.url}/mcp`);
  const as = (token) => connect(t, new StreamableHTTPClientTransport(url, { requestInit: { headers: { Authorization: `Bearer ${token}` } } }));
  const mina = await as(secret);
  await drawAndTakeHome(mina);
  const { sessions } = await mina.call('list_sessions');
  const jun = await as('another-long-secret-of-jun');
  await assert.rejects(jun.call('get_session', { session_id: sessions[0].id }), /session_not_found/);
  await assert.rejects(connect(t, new StreamableHTTPClientTransport(url)), /401|Unauthorized|unauthorized/i);
});

test('an agent draws, refines and exports over standard input and output, and has the file', async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'imagechat-agent-'));
  t.after(() => rmSync(cwd, { recursive: true, force: true }));
  const agent = await connect(t, new StdioClientTransport({
    command: binary, args: ['mcp'], cwd, stderr: 'ignore', env: { PATH: process.env.PATH, HOME: cwd, GENERATOR: 'demo' },
  }));
  const file = await drawAndTakeHome(agent);
  assert.ok(existsSync(file.path));
  assert.equal(createHash('sha256').update(readFileSync(file.path)).digest('hex'), file.sha256);
  const second = await agent.call('export_image', { image_id: file.resource.split('/')[3], placement: 'email_header', format: 'png' });
  assert.notEqual(second.path, file.path, 'a file that is there is not overwritten');
});

test('a budget and a sum to be confirmed stop an agent before anything is paid', async (t) => {
  const gemini = await standIn(t);
  for (const [settings, why] of [[{ DAILY_BUDGET_USD: '0.001' }, /budget_exceeded/], [{ MCP_CONFIRM_ABOVE_USD: '0.01' }, /confirmation_required/]]) {
    const server = await startServer(t, { ...gemini, ...settings });
    const { call } = await connect(t, new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)));
    const { id } = await call('create_session', { placement: 'email_header' });
    const { estimated_cost_usd: price, confirmation_required: dear } = await call('estimate', { session_id: id, prompt: '조명' });
    assert.ok(price > 0.01);
    assert.equal(dear, 'MCP_CONFIRM_ABOVE_USD' in settings);
    await assert.rejects(call('generate_image', { session_id: id, prompt: '조명' }), why);
    assert.equal((await call('get_usage')).usd, 0);
    if (!dear) continue;
    const drawn = await call('generate_image', { session_id: id, prompt: '조명', confirm_cost_usd: price });
    assert.equal(drawn.status, 'succeeded');
    assert.ok(drawn.cost_usd > 0 && drawn.cost_usd <= price);
    assert.equal((await call('get_usage')).usd, drawn.cost_usd);
  }
});
