import type { ClientFrame, ServerFrame } from './gen/index.js';
import { newKey } from './key.js';
import { jitter } from './retry.js';

/** Where a ChatSocket stands. */
export type SocketState = 'connecting' | 'open' | 'waiting' | 'closed';

export interface ChatSocketOptions {
  /** ws:// or wss:// URL of the session's socket, without a query. */
  url: string;
  /** Last durable event that is known; what came after is sent first. Default: only what happens from now on. */
  after?: number;
  /** Query parameters of every connection, such as the language, or what gives them anew. */
  query?: Record<string, string> | (() => Promise<Record<string, string>>);
  /** WebSocket to use where there is no global one (Node 20: the package ws). */
  WebSocket?: new (url: string) => SocketLike;
  /**
   * Asked after a connection could not be opened, since a browser does not
   * tell why: true to go on trying, an error to give up.
   */
  probe?: () => Promise<true | Error>;
}

/** What is used of a WebSocket: the browser's, Node's and that of the package ws all fit. */
export interface SocketLike {
  readonly readyState: number;
  onopen: ((event: any) => any) | null;
  onmessage: ((event: any) => any) | null;
  onerror: ((event: any) => any) | null;
  onclose: ((event: any) => any) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
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
const waitingLimit = 64;
/** The server closes the line on a longer one, and would on every line that it is sent again on. */
const longestFrame = 32 * 1024;
const turnTypes: ReadonlySet<string | undefined> = new Set(['converse', 'chat', 'generate', 'refine', undefined]);

/**
 * A session's socket that stays: it reconnects with jitter, resumes after the
 * last durable frame, and passes every durable frame on once and in order. A
 * turn that it was given is sent until the server has answered it, under one
 * idempotency key, so that it is neither lost nor run twice.
 */
export class ChatSocket {
  #options: ChatSocketOptions;
  #ws: SocketLike | undefined;
  #state: SocketState = 'connecting';
  #seq: number | undefined;
  #failures = 0;
  /** Turns that no answer has come to yet, by their keys and in the order they were sent. */
  #unanswered = new Map<string, string>();
  /** Other frames, while there is no line. */
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
    queueMicrotask(() => void this.#connect());
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

  /** Keys of the turns that were sent and not answered yet. */
  get pending(): string[] {
    return [...this.#unanswered.keys()];
  }

  /**
   * Sends a frame now, or when the line is back (at most 64 wait). A turn gets
   * an `id`, its idempotency key, if it has none, and is sent again on every
   * new line until a frame with that `id` answers it: status `accepted`, or an
   * error. Returns the id.
   */
  send(frame: ClientFrame): string | undefined {
    if (this.#state === 'closed') throw new Error('the socket is closed');
    const isTurn = turnTypes.has(frame.type);
    const given = 'id' in frame ? frame.id : undefined;
    const id = isTurn ? given || newKey() : given;
    const text = JSON.stringify(id ? { ...frame, id } : frame);
    if (new TextEncoder().encode(text).length > longestFrame) throw new Error(`a frame has at most ${longestFrame} bytes`);
    const open = this.#state === 'open';
    if (!open && this.#unanswered.size + this.#outbox.length >= waitingLimit) throw new Error(`more than ${waitingLimit} frames wait for the line`);
    if (isTurn) this.#unanswered.set(id!, text);
    else if (!open) this.#outbox.push(text);
    if (open) this.#ws!.send(text);
    return id;
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

  async #connect(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#to('connecting');
    const WS: ChatSocketOptions['WebSocket'] = this.#options.WebSocket ?? globalThis.WebSocket;
    if (!WS) return this.#fail(new Error('there is no WebSocket here: give one in the options'));
    const { query } = this.#options;
    const given = typeof query === 'function' ? await query().catch((err: Error) => err) : query;
    if ((this.#state as SocketState) === 'closed') return;
    if (given instanceof Error) return this.#fail(given);
    const url = new URL(this.#options.url);
    for (const [k, v] of Object.entries(given ?? {})) url.searchParams.set(k, v);
    if (this.#seq !== undefined) url.searchParams.set('after', String(this.#seq));
    const ws = new WS(url.href);
    this.#ws = ws;
    let opened = false;
    ws.onopen = () => {
      opened = true;
      this.#failures = 0;
      this.#to('open');
      for (const text of [...this.#unanswered.values(), ...this.#outbox.splice(0)]) ws.send(text);
      this.#watch(ws);
    };
    ws.onmessage = (e: { data: unknown }) => {
      this.#watch(ws);
      if (typeof e.data === 'string') this.#receive(JSON.parse(e.data) as ServerFrame);
    };
    // Nothing is known on error that close does not tell.
    ws.onerror = () => {};
    ws.onclose = (e: CloseEvent) => {
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
    // Only what was sent again and had arrived is accepted without a number; then the numbered frame may have told it.
    const answers = frame.id !== undefined && this.#unanswered.delete(frame.id);
    if (!answers && !seq && frame.type === 'status' && frame.data.code === 'accepted') return;
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
    this.#timer = setTimeout(() => void this.#connect(), wait);
  }

  /** Asks for a sign of life when nothing was heard, and gives the line up without one. */
  #watch(ws: SocketLike): void {
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
    void this.#connect();
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
