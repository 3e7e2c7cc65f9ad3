export { createClient, ImageChat } from './client.js';
export type { Bytes, ClientOptions, RequestOptions, RunRequest } from './client.js';
export type { Attempt } from './retry.js';
export { ChatSocket } from './socket.js';
export type { ChatSocketOptions, SocketLike, SocketState } from './socket.js';
export { TurnRun } from './run.js';
export type { RunOptions } from './run.js';
export { ConnectionError, ImageChatError } from './errors.js';
export type * from './gen/types.gen.js';
