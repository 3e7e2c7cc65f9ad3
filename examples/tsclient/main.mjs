// Makes a picture and a placement's file with the TypeScript client.
//
//   make run                       # in one terminal
//   cd openapi/ts && npm ci && npm run build && cd ../../examples/tsclient && node main.mjs
import { writeFile } from 'node:fs/promises';
import { createClient } from '../../openapi/ts/dist/index.js';

const client = createClient({ baseUrl: process.env.IMAGECHAT_URL ?? 'http://127.0.0.1:8000', token: process.env.IMAGECHAT_TOKEN, language: 'ko' });
const session = await client.sessions.create({ image_purpose: 'email_header' });
const run = client.turns.run(session.id, { kind: 'generate', content: '창가에 놓인 따뜻한 조명, 겨울 세일' });
for await (const frame of run) if (frame.type === 'status') console.log(frame.content);
const message = await run;
console.log(message.text_content);
const file = await client.images.export(message.images[0].id, { purpose: 'email_header' });
await writeFile('email_header.jpg', Buffer.from(await file.arrayBuffer()));
console.log(`email_header.jpg, ${file.size} bytes`);
