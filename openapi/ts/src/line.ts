import { streamEvents } from './gen/index.js';
import type { ServerFrame } from './gen/index.js';
import type { Client } from './gen/client/index.js';
import { jitter, sleep } from './retry.js';
import type { ChatSocket } from './socket.js';

/** Where a Line tells what it hears. */
export interface LineEvents {
  /** A frame of the session, durable ones once and in order. */
  frame: (frame: ServerFrame) => void;
  /** The line is lost; it comes back by itself. */
  lost: () => void;
  /** Coming back is pointless: the session is not there, or not ours. */
  fail: (why: Error) => void;
}

/** A session's frames as they come, across lost connections, until it is closed. */
export interface Line {
  close(): void;
}

/** A line over a socket: browsers allow six HTTP/1.1 connections a host, and sockets do not count among them. */
export function socketLine(socket: ChatSocket, events: LineEvents): Line {
  socket.on('frame', events.frame);
  socket.on('state', (state) => { if (state === 'waiting') events.lost(); });
  socket.on('fail', events.fail);
  return socket;
}

/** A line over the event stream, for runtimes without a WebSocket. */
export function streamLine(http: Client, sessionId: string, events: LineEvents): Line {
  const end = new AbortController();
  void listen(http, sessionId, events, end.signal);
  return { close: () => end.abort() };
}

async function listen(http: Client, sessionId: string, events: LineEvents, signal: AbortSignal): Promise<void> {
  let seq: number | undefined;
  for (let failures = 0; !signal.aborted; failures++) {
    const { stream } = await streamEvents({
      client: http, path: { session_id: sessionId }, ...(seq === undefined ? {} : { query: { after: seq } }), signal,
      sseMaxRetryAttempts: 1, onSseError: () => {},
    });
    try {
      for await (const frame of stream as AsyncGenerator<ServerFrame>) {
        // A page of somebody else's has no frames, whatever it calls itself.
        if (typeof frame !== 'object' || frame === null || !('type' in frame)) break;
        failures = 0;
        const number = seqOf(frame);
        if (frame.seq && seq !== undefined && frame.seq <= seq) continue;
        seq = number ?? seq;
        events.frame(frame);
      }
    } catch {
      // The line is lost; whoever follows a turn asks for it meanwhile.
    }
    events.lost();
    await sleep(jitter(Math.min(250 * 2 ** failures, 10_000)), signal).catch(() => {});
  }
}

function seqOf(frame: ServerFrame): number | undefined {
  if (frame.seq) return frame.seq;
  if (frame.type !== 'status') return undefined;
  const data = frame.data as { code: string; seq?: number };
  return data.code === 'connected' || data.code === 'resync' ? data.seq : undefined;
}
