import { streamEvents } from './gen/index.js';
import type { Message, Problem, ServerFrame, Turn, TurnRequest } from './gen/index.js';
import type { Client } from './gen/client/index.js';
import type { ImageChat } from './client.js';
import { ConnectionError, ImageChatError } from './errors.js';
import { newKey } from './key.js';
import { jitter, sleep } from './retry.js';

export interface RunOptions {
  /** Ends the following of the turn. The turn itself goes on; see TurnRun.cancel. */
  signal?: AbortSignal;
  /** Default: a fresh one. Give your own to run the same turn again after a restart of your program. */
  idempotencyKey?: string;
}

/**
 * A turn at work. Await it for the reply (a failed turn throws
 * ImageChatError), or loop over it for its frames:
 *
 *     const run = client.turns.run(id, { content: '…' });
 *     for await (const frame of run) show(frame);
 *     const message = await run;
 */
export class TurnRun implements PromiseLike<Message>, AsyncIterable<ServerFrame> {
  #result: Promise<Message>;
  #frames: ServerFrame[] = [];
  #ended = false;
  #wake = new Set<() => void>();
  #turn: Promise<Turn>;

  constructor(client: ImageChat, http: Client, sessionId: string, request: TurnRequest, options: RunOptions) {
    let known!: (t: Turn) => void;
    let unknown!: (e: unknown) => void;
    this.#turn = new Promise((resolve, reject) => { known = resolve; unknown = reject; });
    this.#turn.catch(() => {});
    this.#result = this.#follow(client, http, sessionId, request, options, known).finally(() => {
      this.#ended = true;
      this.#nudge();
    });
    this.#result.catch(unknown);
    this.cancel = async () => client.turns.cancel((await this.#turn).id);
  }

  /** Cancels the turn itself, at once. */
  readonly cancel: () => Promise<Turn>;

  /** The turn as it was taken in. */
  get turn(): Promise<Turn> {
    return this.#turn;
  }

  then<A = Message, B = never>(ok?: ((m: Message) => A | PromiseLike<A>) | null, no?: ((e: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    return this.#result.then(ok, no);
  }

  /** The turn's frames from its beginning; the loop ends with the turn, also with a failed one. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ServerFrame, void, undefined> {
    for (let i = 0; ; ) {
      while (i < this.#frames.length) yield this.#frames[i++]!;
      if (this.#ended) return;
      await new Promise<void>((resolve) => this.#wake.add(resolve));
    }
  }

  #nudge(): void {
    for (const wake of this.#wake) wake();
    this.#wake.clear();
  }

  /** Listens first and speaks then, so that nothing is missed, and comes back after a lost line. */
  async #follow(client: ImageChat, http: Client, sessionId: string, request: TurnRequest, o: RunOptions, known: (t: Turn) => void): Promise<Message> {
    const idempotencyKey = o.idempotencyKey ?? newKey();
    let turn: Turn | undefined;
    let seq: number | undefined;
    const early: ServerFrame[] = [];
    for (let failures = 0; ; failures++) {
      o.signal?.throwIfAborted();
      const line = new AbortController();
      const signal = o.signal ? AbortSignal.any([o.signal, line.signal]) : line.signal;
      let broken: unknown = new ConnectionError('the event stream ended');
      try {
        const { stream } = await streamEvents({
          client: http, path: { session_id: sessionId }, ...(seq === undefined ? {} : { query: { after: seq } }), signal,
          sseMaxRetryAttempts: 1, onSseError: (e) => { broken = e; },
        });
        for await (const frame of stream as AsyncGenerator<ServerFrame>) {
          seq = seqOf(frame) ?? seq;
          if (!turn) {
            early.push(frame);
            if (!isConnected(frame)) continue;
            turn = await client.turns.create(sessionId, request, { idempotencyKey, ...(o.signal ? { signal: o.signal } : {}) });
            known(turn);
            const ended = await endedBefore(client, turn);
            if (ended) return ended;
            continue;
          }
          failures = 0;
          for (const f of [...early.splice(0), frame]) {
            const message = this.#take(f, turn.id);
            if (message) return message;
          }
        }
      } finally {
        line.abort();
      }
      o.signal?.throwIfAborted();
      if (turn) {
        turn = await client.turns.get(turn.id, o.signal ? { signal: o.signal } : {});
        const ended = await endedBefore(client, turn);
        if (ended) return ended;
      } else if (failures > 2) {
        throw broken;
      }
      await sleep(jitter(Math.min(250 * 2 ** failures, 10_000)), o.signal);
    }
  }

  /** Notes a frame of the turn; returns the reply when it is one, throws when the turn failed. */
  #take(frame: ServerFrame, turnId: string): Message | undefined {
    if (frame.turn_id !== turnId) return undefined;
    this.#frames.push(frame);
    this.#nudge();
    if (frame.type === 'error') throw new ImageChatError(frame.data as Problem, 0);
    return frame.type === 'status' ? undefined : frame.data.message;
  }
}

/** The reply of a turn that has ended already, as that of a known idempotency key may have. */
async function endedBefore(client: ImageChat, turn: Turn): Promise<Message | undefined> {
  if (turn.error && (turn.status === 'failed' || turn.status === 'cancelled')) throw new ImageChatError(turn.error, 0);
  if (turn.status !== 'succeeded') return undefined;
  for (let before: string | undefined; ; ) {
    const page = await client.sessions.get(turn.session_id, before ? { messages_before: before } : {});
    const found = page.messages.find((m) => m.id === turn.assistant_message_id);
    if (found) return found;
    if (page.messages.length === 0) throw new ConnectionError('the reply is gone');
    before = page.messages[0]!.id;
  }
}

function isConnected(frame: ServerFrame): boolean {
  return frame.type === 'status' && frame.data.code === 'connected';
}

function seqOf(frame: ServerFrame): number | undefined {
  if (frame.seq) return frame.seq;
  if (frame.type !== 'status') return undefined;
  const data = frame.data as { code: string; seq?: number };
  return data.code === 'connected' || data.code === 'resync' ? data.seq : undefined;
}
