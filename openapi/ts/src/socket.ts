import type { ClientFrame, ServerFrame } from './gen/index.js';
import { jitter } from './retry.js';

/** Where a ChatSocket stands. */
export type SocketState = 'connecting' | 'open' | 'waiting' | 'closed';

export interface ChatSocketOptions {
  /** ws:// or wss:// URL of the session's socket, without a query. */
  url: string;
  /** Last durable event that is known; what came after is sent first. Default: only what happens from now on. */
  after?: number;
  /** Query parameters of every connection, such as the language. */
  query?: Record<string, string>;
  /** WebSocket to use where there is no global one (Node 20: the package ws). */
  WebSocket?: new (url: string) => WebSocket;
  /**
   * Asked after a connection could not be opened, since a browser does not
   * tell why: true to go on trying, an error to give up.
   */
  probe?: () => Promise<true | Error>;
}

interface Events {
  frame: ServerFrame;
  state: SocketState;
  /** Why the socket gave up. It is not told after close(). */
  fail: Error;
}

/** Close codes from here on mean that coming back is pointless. */
const firstFinalCode = 4500;
const pingEvery = 25_000;
const answerWithin = 10_000;
const shortestWait = 250;
const longestWait = 15_000;
const outboxLimit = 64;

/**
 * A session's socket that stays: it reconnects with jitter, resumes after the
 * last durable frame, and passes every durable frame on once and in order.
 */
export class ChatSocket {
  #options: ChatSocketOptions;
  #ws: WebSocket | undefined;
  #state: SocketState = 'connecting';
  #seq: number | undefined;
  #failures = 0;
  #outbox: string[] = [];
  #listeners: { [K in keyof Events]: Set<(v: Events[K]) => void> } = { frame: new Set(), state: new Set(), fail: new Set() };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setTimeout> | undefined;
  #kick = () => this.#reconnectNow();

  constructor(options: ChatSocketOptions) {
    this.#options = options;
    this.#seq = options.after;
    globalThis.addEventListener?.('online', this.#kick);
    globalThis.document?.addEventListener('visibilitychange', this.#kick);
    // In a microtask, so that listeners can be added first.
    queueMicrotask(() => this.#connect());
  }

  get state(): SocketState {
    return this.#state;
  }

  /** Number of the newest durable frame that was passed on. */
  get seq(): number | undefined {
    return this.#seq;
  }

  /** Listens; the returned function ends it. */
  on<K extends keyof Events>(event: K, listener: (v: Events[K]) => void): () => void {
    this.#listeners[event].add(listener);
    return () => this.#listeners[event].delete(listener);
  }

  /** The frames, until the socket is closed (the loop ends) or fails (it throws). */
  async *frames(): AsyncGenerator<ServerFrame, void, undefined> {
    const waiting: ServerFrame[] = [];
    let failure: Error | undefined;
    let wake = () => {};
    const off = [
      this.on('frame', (f) => { waiting.push(f); wake(); }),
      this.on('fail', (e) => { failure = e; wake(); }),
      this.on('state', () => wake()),
    ];
    try {
      for (;;) {
        while (waiting.length > 0) yield waiting.shift()!;
        if (failure) throw failure;
        if (this.#state === 'closed') return;
        await new Promise<void>((resolve) => { wake = resolve; });
      }
    } finally {
      for (const end of off) end();
    }
  }

  /**
   * Sends a frame now, or when the line is back (at most 64 wait). A turn that
   * was sent just before the line broke may not have arrived: give it an `id`,
   * which is its idempotency key, and send it again.
   */
  send(frame: ClientFrame): void {
    if (this.#state === 'closed') throw new Error('the socket is closed');
    const text = JSON.stringify(frame);
    if (this.#state === 'open') this.#ws!.send(text);
    else if (this.#outbox.length < outboxLimit) this.#outbox.push(text);
    else throw new Error(`more than ${outboxLimit} frames wait for the line`);
  }

  /** Cancels a turn at once. */
  cancel(turnId: string): void {
    this.send({ type: 'cancel', content: '', data: { turn_id: turnId } } as ClientFrame);
  }

  /** Ends the socket for good. */
  close(): void {
    this.#end();
    this.#ws?.close(1000);
  }

  #connect(): void {
    if (this.#state === 'closed') return;
    this.#to('connecting');
    const WS = this.#options.WebSocket ?? globalThis.WebSocket;
    if (!WS) return this.#fail(new Error('there is no WebSocket here: give one in the options'));
    const url = new URL(this.#options.url);
    for (const [k, v] of Object.entries(this.#options.query ?? {})) url.searchParams.set(k, v);
    if (this.#seq !== undefined) url.searchParams.set('after', String(this.#seq));
    const ws = new WS(url.href);
    this.#ws = ws;
    let opened = false;
    ws.onopen = () => {
      opened = true;
      this.#failures = 0;
      this.#to('open');
      for (const text of this.#outbox.splice(0)) ws.send(text);
      this.#watch(ws);
    };
    ws.onmessage = (e) => {
      this.#watch(ws);
      if (typeof e.data === 'string') this.#receive(JSON.parse(e.data) as ServerFrame);
    };
    // Nothing is known on error that close does not tell.
    ws.onerror = () => {};
    ws.onclose = (e) => {
      if (ws === this.#ws) void this.#lost(e, opened);
    };
  }

  #receive(frame: ServerFrame): void {
    const seq = frame.seq;
    if (seq) {
      if (this.#seq !== undefined && seq <= this.#seq) return; // sent twice across a reconnect
      this.#seq = seq;
    } else if (frame.type === 'status' && frame.data) {
      const data = frame.data as { code: string; seq?: number };
      if (data.code === 'resync') this.#seq = data.seq;
      if (data.code === 'connected') this.#seq ??= data.seq;
    }
    this.#tell('frame', frame);
  }

  async #lost(e: CloseEvent, opened: boolean): Promise<void> {
    clearTimeout(this.#pulse);
    this.#ws = undefined;
    if (this.#state === 'closed') return;
    if (e.code >= firstFinalCode && e.code < 5000) return this.#fail(new Error(e.reason || `closed with ${e.code}`));
    this.#to('waiting');
    if (!opened && this.#options.probe) {
      const verdict = await this.#options.probe();
      if ((this.#state as SocketState) === 'closed') return;
      if (verdict !== true) return this.#fail(verdict);
    }
    const wait = jitter(Math.min(shortestWait * 2 ** this.#failures++, longestWait));
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  /** Asks for a sign of life when nothing was heard, and gives the line up without one. */
  #watch(ws: WebSocket): void {
    clearTimeout(this.#pulse);
    this.#pulse = setTimeout(() => {
      if (ws.readyState !== 1) return;
      ws.send('{"type":"ping","content":""}');
      this.#pulse = setTimeout(() => {
        ws.onclose = null;
        ws.close();
        void this.#lost({ code: 1006, reason: '' } as CloseEvent, true);
      }, answerWithin);
    }, pingEvery);
  }

  #reconnectNow(): void {
    if (this.#state !== 'waiting' || globalThis.document?.visibilityState === 'hidden') return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  #fail(err: Error): void {
    this.#end(err);
  }

  #end(err?: Error): void {
    if (this.#state === 'closed') return;
    clearTimeout(this.#timer);
    clearTimeout(this.#pulse);
    globalThis.removeEventListener?.('online', this.#kick);
    globalThis.document?.removeEventListener('visibilitychange', this.#kick);
    if (err) this.#tell('fail', err);
    this.#to('closed');
  }

  #to(state: SocketState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell('state', state);
  }

  #tell<K extends keyof Events>(event: K, value: Events[K]): void {
    for (const listener of [...this.#listeners[event]]) listener(value);
  }
}
