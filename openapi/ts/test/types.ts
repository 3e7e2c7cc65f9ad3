// What a program writes with strict types: it has to compile, and its mistakes have not. Nothing here runs.
import { readFile } from 'node:fs/promises';
import WebSocket from 'ws';
import { createClient, ImageChatError, type Message, type ServerFrame } from '../src/index.js';

export async function program(): Promise<void> {
  createClient({ baseUrl: 'http://127.0.0.1:8000', WebSocket: globalThis.WebSocket });
  const client = createClient({ baseUrl: 'http://127.0.0.1:8000', WebSocket });
  const session = await client.sessions.create({ image_purpose: 'sns_instagram_square' });
  const logo = await client.uploads.create(await readFile('logo.png'), { role: 'logo' });
  const run = client.turns.run(session.id, { kind: 'refine', content: '더 밝게', reference_image_ids: [logo.id] });
  for await (const frame of run) told(frame);
  const reply: Message = await run.finally(() => {});
  const file: File = await client.images.export(reply.images[0]!.id, { purpose: 'banner_web' });
  void file.name;
  await run.catch((e: unknown) => {
    if (e instanceof ImageChatError && e.code === 'content_blocked') return e.retryAfterMs;
    throw e;
  });
  // @ts-expect-error: there is no such kind
  await client.turns.create(session.id, { kind: 'paint', content: 'x' });
  // @ts-expect-error: a property is misspelt
  await client.sessions.create({ image_purpos: 'x' });
}

function told(frame: ServerFrame): string | number | null | undefined {
  switch (frame.type) {
    case 'status':
      return frame.data.code === 'generating' ? frame.data.elapsed_ms : frame.content;
    case 'mixed':
    case 'image':
      return frame.data.width;
    case 'message':
      return frame.data.message.text_content ?? undefined;
    case 'error':
      return frame.data.code;
    default: {
      const never: never = frame;
      return never;
    }
  }
}
