import type { Message, Problem, ServerFrame, Turn, TurnRequest } from './gen/index.js';
import { ConnectionError, ImageChatError } from './errors.js';
import { newKey } from './key.js';
import type { Line, LineEvents } from './line.js';
import { jitter, sleep } from './retry.js';

export interface RunOptions {
  /** Ends the following of the turn. The turn itself goes on; see TurnRun.cancel. */
  signal?: AbortSignal | undefined;
  /** Default: a fresh one. Give your own to run the same turn again after a restart of your program. */
  idempotencyKey?: string;
  /**
   * For how many milliseconds the server may be away while the turn is
   * followed, before the run gives up with a ConnectionError; the turn goes on
   * at the server all the same. Default: 300,000.
   */
  patience?: number;
}

/** What a run asks of the client. */
export interface TurnPort {
  create(request: TurnRequest, idempotencyKey: string, signal?: AbortSignal): Promise<Turn>;
  get(turnId: string, signal?: AbortSignal): Promise<Turn>;
  cancel(turnId: string): Promise<Turn>;
  message(messageId: string, signal?: AbortSignal): Promise<Message>;
  listen(events: LineEvents): Line;
}

/** How long a turn waits for its line before it is sent without one. */
const lineWithin = 3_000;
/** How long a server that cannot be reached is asked to take a turn in. */
const takenInWithin = 10_000;
/** How often a turn is asked for while its line is up, in case the line says nothing and is not known to be lost. */
const lookEvery = 15_000;
/** How long the line may take to tell of an end that a look has found. */
const endWithin = 1_000;

/**
 * A turn at work. Await it for the reply (a failed turn throws
 * ImageChatError), or loop over it for its frames:
 *
 *     const run = client.turns.run(id, { content: '…' });
 *     for await (const frame of run) show(frame);
 *     const message = await run;
 */
export class TurnRun implements Promise<Message>, AsyncIterable<ServerFrame> {
  readonly [Symbol.toStringTag] = 'TurnRun';
  readonly #port: TurnPort;
  readonly #signal: AbortSignal | undefined;
  readonly #patience: number;
  readonly #result: Promise<Message>;
  readonly #turn: Promise<Turn>;
  #frames: ServerFrame[] = [];
  #settled = false;
  #failure: unknown;
  #changed = new Set<() => void>();
  /** What the line has heard since the last look. */
  #heard: ServerFrame[] = [];
  #lineUp = false;
  #refused: Error | undefined;

  constructor(port: TurnPort, request: TurnRequest, o: RunOptions) {
    this.#port = port;
    this.#signal = o.signal;
    this.#patience = o.patience ?? 300_000;
    const turn = resolvers<Turn>();
    this.#turn = turn.promise;
    this.#turn.catch(() => {});
    this.#result = this.#follow(request, o.idempotencyKey ?? newKey(), turn.resolve);
    this.#result.then(
      () => { this.#settled = true; this.#nudge(); },
      (err: unknown) => { turn.reject(err); this.#failure = err; this.#settled = true; this.#nudge(); },
    );
  }

  /** Cancels the turn itself, at once. */
  readonly cancel = async (): Promise<Turn> => this.#port.cancel((await this.#turn).id);

  /** The turn as it was taken in. */
  get turn(): Promise<Turn> {
    return this.#turn;
  }

  then<A = Message, B = never>(ok?: ((m: Message) => A | PromiseLike<A>) | null, no?: ((e: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    return this.#result.then(ok, no);
  }

  catch<B = never>(no?: ((e: unknown) => B | PromiseLike<B>) | null): Promise<Message | B> {
    return this.#result.catch(no);
  }

  finally(done?: (() => void) | null): Promise<Message> {
    return this.#result.finally(done);
  }

  /** The turn's frames from its beginning. The loop ends with the turn, and throws what awaiting the run throws. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ServerFrame, void, undefined> {
    for (let i = 0; ; ) {
      while (i < this.#frames.length) yield this.#frames[i++]!;
      if (this.#settled) {
        if (this.#failure !== undefined) throw this.#failure;
        return;
      }
      await new Promise<void>((resolve) => this.#changed.add(resolve));
    }
  }

  #nudge(): void {
    for (const wake of this.#changed) wake();
    this.#changed.clear();
  }

  /** Waits until something is heard, or for ms. */
  async #news(ms: number): Promise<void> {
    const enough = new AbortController();
    const stop = () => enough.abort();
    this.#changed.add(stop);
    await sleep(ms, this.#signal ? AbortSignal.any([this.#signal, enough.signal]) : enough.signal).catch(() => {});
    this.#changed.delete(stop);
    this.#signal?.throwIfAborted();
  }

  /** Listens first and speaks then, so that no frame is missed; the turn itself is asked for whenever the line is not there. */
  async #follow(request: TurnRequest, key: string, known: (t: Turn) => void): Promise<Message> {
    this.#signal?.throwIfAborted();
    const line = this.#port.listen({
      frame: (frame) => {
        this.#lineUp = true;
        this.#heard.push(frame);
        this.#nudge();
      },
      lost: () => { this.#lineUp = false; this.#nudge(); },
      fail: (why) => { this.#refused = why; this.#nudge(); },
    });
    try {
      if (!this.#lineUp && !this.#refused) await this.#news(lineWithin);
      if (this.#refused instanceof ImageChatError) throw this.#refused;
      const turn = await this.#takenIn(request, key);
      known(turn);
      return await this.#ended(turn);
    } finally {
      line.close();
    }
  }

  /** Sends the turn until the server has it; the key makes repeating safe. */
  async #takenIn(request: TurnRequest, key: string): Promise<Turn> {
    const until = Date.now() + Math.min(takenInWithin, this.#patience);
    for (let failures = 0; ; failures++) {
      try {
        return await this.#port.create(request, key, this.#signal);
      } catch (err) {
        const later = err instanceof ImageChatError && err.retryable && err.status === 503;
        if (!(err instanceof ConnectionError || later) || Date.now() > until) throw err;
        await sleep(jitter(Math.min(250 * 2 ** failures, 2_000)), this.#signal);
      }
    }
  }

  async #ended(taken: Turn): Promise<Message> {
    if (over(taken)) return this.#reply(taken); // as that of a known key may be
    let turn = taken;
    let lastAnswer = Date.now();
    for (let failures = 0; !over(turn); ) {
      const message = this.#hear(turn.id);
      if (message) return message;
      await this.#news(this.#lineUp && failures === 0 ? lookEvery : jitter(Math.min(500 * 2 ** failures, 5_000)));
      if (this.#heard.length > 0) continue;
      try {
        turn = await this.#port.get(turn.id, this.#signal);
        lastAnswer = Date.now();
        failures = 0;
      } catch (err) {
        const passes = err instanceof ConnectionError || (err instanceof ImageChatError && err.retryable);
        if (!passes || Date.now() - lastAnswer > this.#patience) throw err;
        failures++;
      }
    }
    // The line tells the same in a moment, and who loops over the frames wants the last one, too.
    for (const until = Date.now() + endWithin; this.#lineUp && Date.now() < until; ) {
      const message = this.#hear(turn.id);
      if (message) return message;
      await this.#news(until - Date.now());
    }
    return this.#hear(turn.id) ?? this.#reply(turn);
  }

  #hear(turnId: string): Message | undefined {
    for (const frame of this.#heard.splice(0)) {
      const message = this.#take(frame, turnId);
      if (message) return message;
    }
    return undefined;
  }

  /** Notes a frame of the turn; returns the reply when it is one, throws when the turn failed. */
  #take(frame: ServerFrame, turnId: string): Message | undefined {
    if (frame.turn_id !== turnId) return undefined;
    this.#frames.push(frame);
    this.#nudge();
    if (frame.type === 'error') throw new ImageChatError(frame.data as Problem, 0);
    return frame.type === 'status' ? undefined : frame.data.message;
  }

  /** The reply of a turn that has ended, or its failure thrown. */
  async #reply(turn: Turn): Promise<Message> {
    if (turn.status !== 'succeeded') throw new ImageChatError(turn.error ?? unexplained(turn), 0);
    return this.#port.message(turn.assistant_message_id!, this.#signal);
  }
}

function over(turn: Turn): boolean {
  return turn.status === 'succeeded' || turn.status === 'failed' || turn.status === 'cancelled';
}

function unexplained(turn: Turn): Problem {
  return { type: 'about:blank', title: turn.status, status: 500, detail: `the turn ${turn.status}`, code: 'internal', request_id: '', retryable: true } as Problem;
}

function resolvers<T>() {
  let resolve!: (v: T) => void;
  let reject!: (e: unknown) => void;
  const promise = new Promise<T>((a, b) => { resolve = a; reject = b; });
  return { promise, resolve, reject };
}
