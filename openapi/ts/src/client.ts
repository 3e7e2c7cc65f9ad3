import {
  cancelTurn, createBrand, createExport, createSession, createTurn, deleteBrand, deleteImage, deleteSession, estimateTurn,
  exportImage, getBrand, getHealth, getImage, getImageContent, getInfo, getMessage, getSession, getTurn, getUsage, listBrands, listImages,
  listModels, listPurposes, listSessions, listStyles, login, logout, previewExport, retryTurn, updateBrand, updateImage, updateSession,
  uploadBrandLogo, uploadImage,
} from './gen/index.js';
import type {
  CreateBrandData, CreateExportData, CreateSessionData, ExportImageData, GetUsageData, Image, ListImagesData,
  ListSessionsData, PreviewExportData, Session, TurnRequest, UpdateBrandData, UpdateImageData, UpdateSessionData, UploadImageData,
} from './gen/index.js';
import { createClient as createHttp, createConfig } from './gen/client/index.js';
import type { Client } from './gen/client/index.js';
import { ConnectionError, strange, toError } from './errors.js';
import { newKey } from './key.js';
import { socketLine, streamLine } from './line.js';
import { retrying } from './retry.js';
import type { Attempt } from './retry.js';
import { ChatSocket } from './socket.js';
import type { ChatSocketOptions } from './socket.js';
import { TurnRun } from './run.js';
import type { RunOptions, TurnPort } from './run.js';

/** That of other clients of slow APIs: an export of forty files may wait for its turn. */
const defaultTimeout = 600_000;
/** Taking a turn in and asking for it are quick; a line that died without a word must not hold a run up. */
const runTimeout = 30_000;

export interface ClientOptions {
  /** Root of the server, such as https://studio.example. Default: the page's own origin. */
  baseUrl?: string;
  /** Bearer secret, or what gives a fresh one for each request. The web app has a cookie instead. */
  token?: string | (() => string | Promise<string>);
  /** Language of the texts for people. Default: what the runtime's Accept-Language says, and on the socket the server's own. */
  language?: 'ko' | 'en' | (() => 'ko' | 'en');
  /** Default: the global fetch. */
  fetch?: typeof fetch;
  /** Default: the global WebSocket. Without one (Node 20) sockets need the class of the package ws; runs do without. */
  WebSocket?: ChatSocketOptions['WebSocket'];
  /** Milliseconds within which a request must be answered whole; 0: for ever. Default: 600,000. */
  timeout?: number;
  /** How often a request that is safe to repeat is repeated. Default: 2. */
  maxRetries?: number;
  /** Sent with every request, such as those of a gateway. */
  headers?: HeadersInit;
  /** Whether cookies go to another origin: include. Default: fetch's own. */
  credentials?: RequestCredentials;
  /** Told of every try of every request, for logs; it cannot change them. */
  onAttempt?: (attempt: Attempt) => void;
}

/** Extras of any request. */
export interface RequestOptions {
  signal?: AbortSignal | undefined;
  /** Lets the request outlive the page (browsers). */
  keepalive?: boolean;
  /** Milliseconds within which the request must be answered whole. Default: the client's. */
  timeout?: number;
}

type Answer<T> = Promise<{ data?: T; error?: unknown; response?: Response }>;

/** What every generated function takes. */
interface Common {
  client: Client;
  signal: AbortSignal;
  keepalive?: boolean;
}

/** Bytes that can be uploaded: what a file input, a drop or a file read in Node gives. */
export type Bytes = Blob | ArrayBuffer | Uint8Array;

function blobOf(bytes: Bytes): Blob {
  return bytes instanceof Blob ? bytes : new Blob([bytes as BlobPart]);
}

/** Makes a client. It holds no connection until it is used. */
export function createClient(options: ClientOptions = {}): ImageChat {
  return new ImageChat(options);
}

/**
 * A server of Gemini Image Chat. Every method throws ImageChatError (the server
 * said why), ConnectionError (no answer of the server's came), or, when the
 * caller's signal aborted, the signal's reason; and nothing else.
 */
export class ImageChat {
  readonly #http: Client;
  readonly #options: ClientOptions;

  constructor(options: ClientOptions = {}) {
    this.#options = options;
    const fetch = retrying(options.fetch ?? ((...a) => globalThis.fetch(...a)), options.maxRetries ?? 2, options.onAttempt ?? (() => {}));
    const config = createConfig({ baseUrl: (options.baseUrl ?? '').replace(/\/$/, ''), fetch });
    this.#http = createHttp(options.credentials ? { ...config, credentials: options.credentials } : config);
    this.#http.interceptors.request.use(async (request) => {
      for (const [name, value] of new Headers(options.headers)) request.headers.set(name, value);
      const token = await this.#token();
      if (token) request.headers.set('Authorization', `Bearer ${token}`);
      const language = this.#language();
      if (language) request.headers.set('Accept-Language', language);
      return request;
    });
    this.#http.interceptors.response.use(async (response, _request, sent) => {
      const why = response.ok && strange(response, sent.parseAs === 'blob' ? /^(?!text\/html)/i : /[/+]json\b/i);
      if (!why) return response;
      await response.body?.cancel();
      throw why;
    });
  }

  async #token(): Promise<string | undefined> {
    const t = this.#options.token;
    return typeof t === 'function' ? t() : t;
  }

  #language(): string | undefined {
    const l = this.#options.language;
    return typeof l === 'function' ? l() : l;
  }

  async #ask<T>(o: RequestOptions | undefined, send: (c: Common) => Answer<T>): Promise<T> {
    return (await this.#answer(o, send)).data;
  }

  /** The data of an answer and the answer itself, or its failure thrown. */
  async #answer<T>(o: RequestOptions | undefined, send: (c: Common) => Answer<T>): Promise<{ data: T; response: Response }> {
    o?.signal?.throwIfAborted();
    const timeout = o?.timeout ?? this.#options.timeout ?? defaultTimeout;
    const late = timeout > 0 ? timer(timeout) : undefined;
    const signals = [o?.signal, late?.signal].filter((s): s is AbortSignal => s !== undefined);
    let failure: unknown;
    try {
      const { data, error, response } = await send({ client: this.#http, signal: AbortSignal.any(signals), ...(o?.keepalive ? { keepalive: true } : {}) });
      if (response?.ok && error === undefined) return { data: data as T, response };
      failure = toError(error, response);
    } catch (err) {
      failure = toError(err, undefined);
    } finally {
      late?.clear();
    }
    o?.signal?.throwIfAborted();
    throw late?.signal.aborted ? new ConnectionError(`no answer within ${timeout} ms`, { cause: failure }) : failure;
  }

  /** Bytes under the name that the server gives them. */
  async #file(o: RequestOptions | undefined, send: (c: Common) => Answer<unknown>): Promise<File> {
    const { data, response } = await this.#answer(o, send);
    return new File([data as Blob], nameOf(response), { type: (data as Blob).type });
  }

  readonly sessions = {
    create: (body: CreateSessionData['body'], o?: RequestOptions) => this.#ask(o, (c) => createSession({ ...c, body })),
    /** One page, newest first. */
    list: (query: ListSessionsData['query'] = {}, o?: RequestOptions) => this.#ask(o, (c) => listSessions({ ...c, query })),
    /** Every session that fits, page by page as they are asked for. */
    all: (query: ListSessionsData['query'] = {}, o?: RequestOptions): AsyncGenerator<Session, void, undefined> =>
      pages(async (cursor) => {
        const page = await this.sessions.list({ ...query, ...(cursor ? { cursor } : {}) }, o);
        return { items: page.sessions, next: page.next_cursor };
      }),
    /** With its newest 200 messages; messages_before pages back. */
    get: (id: string, query: { messages_before?: string } = {}, o?: RequestOptions) =>
      this.#ask(o, (c) => getSession({ ...c, path: { session_id: id }, query })),
    update: (id: string, body: UpdateSessionData['body'], o?: RequestOptions) =>
      this.#ask(o, (c) => updateSession({ ...c, path: { session_id: id }, body })),
    delete: (id: string, o?: RequestOptions) => this.#ask(o, (c) => deleteSession({ ...c, path: { session_id: id } })),
  };

  readonly messages = {
    get: (id: string, o?: RequestOptions) => this.#ask(o, (c) => getMessage({ ...c, path: { message_id: id } })),
  };

  readonly turns = {
    /** Takes a turn in and returns at once; the same key in the same session never costs twice. */
    create: (sessionId: string, body: TurnRequest, o: RequestOptions & { idempotencyKey?: string } = {}) =>
      this.#ask(o, (c) => createTurn({
        ...c, path: { session_id: sessionId }, body,
        headers: { 'Idempotency-Key': o.idempotencyKey ?? newKey() },
      })),
    /** Says something and follows what comes of it: await it for the reply, or loop over it for the progress. */
    run: (sessionId: string, request: RunRequest, o: RunOptions = {}): TurnRun =>
      new TurnRun(this.#portOf(sessionId), { kind: 'converse', ...request } as TurnRequest, o),
    estimate: (sessionId: string, body: TurnRequest, o?: RequestOptions) =>
      this.#ask(o, (c) => estimateTurn({ ...c, path: { session_id: sessionId }, body })),
    get: (id: string, o?: RequestOptions) => this.#ask(o, (c) => getTurn({ ...c, path: { turn_id: id } })),
    cancel: (id: string, o?: RequestOptions) => this.#ask(o, (c) => cancelTurn({ ...c, path: { turn_id: id } })),
    retry: (id: string, o?: RequestOptions) => this.#ask(o, (c) => retryTurn({ ...c, path: { turn_id: id } })),
  };

  readonly images = {
    list: (query: ListImagesData['query'] = {}, o?: RequestOptions) => this.#ask(o, (c) => listImages({ ...c, query })),
    all: (query: ListImagesData['query'] = {}, o?: RequestOptions): AsyncGenerator<Image, void, undefined> =>
      pages(async (cursor) => {
        const page = await this.images.list({ ...query, ...(cursor ? { cursor } : {}) }, o);
        return { items: page.images, next: page.next_cursor };
      }),
    get: (id: string, o?: RequestOptions) => this.#ask(o, (c) => getImage({ ...c, path: { image_id: id } })),
    update: (id: string, body: UpdateImageData['body'], o?: RequestOptions) =>
      this.#ask(o, (c) => updateImage({ ...c, path: { image_id: id }, body })),
    delete: (id: string, o?: RequestOptions) => this.#ask(o, (c) => deleteImage({ ...c, path: { image_id: id } })),
    /** The exact bytes that the generator returned, or with w a copy of that width. */
    content: (id: string, query: { w?: number } = {}, o?: RequestOptions): Promise<Blob> =>
      this.#ask(o, (c) => getImageContent({ ...c, path: { image_id: id }, query, parseAs: 'blob' })) as Promise<Blob>,
    /** Where a browser finds the bytes; download asks for a file with a speaking name. */
    contentUrl: (id: string, query: { w?: number; download?: boolean } = {}): string =>
      this.#url(`/api/image-chat/images/${encodeURIComponent(id)}/content`, { w: query.w, download: query.download ? 1 : undefined }),
    /** Cut and scaled to a placement's exact pixels, under its byte limit. */
    export: (id: string, query: ExportImageData['query'], o?: RequestOptions): Promise<File> =>
      this.#file(o, (c) => exportImage({ ...c, path: { image_id: id }, ...(query ? { query } : {}), parseAs: 'blob' })),
    exportUrl: (id: string, query: ExportImageData['query'] = {}): string =>
      this.#url(`/api/image-chat/images/${encodeURIComponent(id)}/export`, query as Record<string, string | number | undefined>),
  };

  readonly exports = {
    /** What the files of an export would be, to the byte; nothing is kept and the picture does not count as exported. */
    preview: (imageId: string, body: PreviewExportData['body'], o?: RequestOptions) =>
      this.#ask(o, (c) => previewExport({ ...c, path: { image_id: imageId }, body })),
    /** A ZIP with a file for every placement, at its exact size, and a manifest. */
    create: (sessionId: string, body: CreateExportData['body'], o?: RequestOptions): Promise<File> =>
      this.#file(o, (c) => createExport({ ...c, path: { session_id: sessionId }, body, parseAs: 'blob' })),
  };

  readonly uploads = {
    create: (file: Bytes, query: UploadImageData['query'] = {}, o?: RequestOptions) =>
      this.#ask(o, (c) => uploadImage({ ...c, body: { file: blobOf(file) }, query })),
  };

  readonly brands = {
    list: (o?: RequestOptions) => this.#ask(o, listBrands),
    create: (body: CreateBrandData['body'], o?: RequestOptions) => this.#ask(o, (c) => createBrand({ ...c, body })),
    get: (id: string, o?: RequestOptions) => this.#ask(o, (c) => getBrand({ ...c, path: { brand_id: id } })),
    update: (id: string, body: UpdateBrandData['body'], o?: RequestOptions) =>
      this.#ask(o, (c) => updateBrand({ ...c, path: { brand_id: id }, body })),
    delete: (id: string, o?: RequestOptions) => this.#ask(o, (c) => deleteBrand({ ...c, path: { brand_id: id } })),
    uploadLogo: (id: string, file: Bytes, o?: RequestOptions) =>
      this.#ask(o, (c) => uploadBrandLogo({ ...c, path: { brand_id: id }, body: { file: blobOf(file) } })),
  };

  readonly purposes = { list: (o?: RequestOptions) => this.#ask(o, listPurposes) };
  readonly styles = { list: (o?: RequestOptions) => this.#ask(o, listStyles) };
  readonly models = { list: (o?: RequestOptions) => this.#ask(o, listModels) };
  readonly usage = { get: (query: GetUsageData['query'] = {}, o?: RequestOptions) => this.#ask(o, (c) => getUsage({ ...c, query })) };

  health(o?: RequestOptions) {
    return this.#ask(o, getHealth);
  }

  info(o?: RequestOptions) {
    return this.#ask(o, getInfo);
  }

  /** Trades a token for the browser's cookie. */
  login(token: string, o?: RequestOptions) {
    return this.#ask(o, (c) => login({ ...c, body: { token } }));
  }

  logout(o?: RequestOptions) {
    return this.#ask(o, logout);
  }

  #portOf(sessionId: string): TurnPort {
    return {
      create: (body, idempotencyKey, signal) => this.turns.create(sessionId, body, { idempotencyKey, signal, timeout: runTimeout }),
      get: (id, signal) => this.turns.get(id, { signal, timeout: runTimeout }),
      cancel: (id) => this.turns.cancel(id),
      message: (id, signal) => this.messages.get(id, { signal }),
      listen: (events) => (this.#options.WebSocket ?? globalThis.WebSocket
        ? socketLine(this.socket(sessionId), events)
        : streamLine(this.#http, sessionId, events)),
    };
  }

  /** A socket that stays connected to a session and resumes where it was. */
  socket(sessionId: string, o: { after?: number } = {}): ChatSocket {
    const language = this.#language();
    const query = async () => {
      const token = await this.#token();
      return { ...(language ? { lang: language } : {}), ...(token ? { token } : {}) };
    };
    return new ChatSocket({
      url: this.#url(`/ws/image-chat/${encodeURIComponent(sessionId)}`, {}).replace(/^http/, 'ws'),
      ...o,
      query,
      ...(this.#options.WebSocket ? { WebSocket: this.#options.WebSocket } : {}),
      probe: async () => {
        try {
          await this.sessions.get(sessionId);
          return true;
        } catch (err) {
          // Only what will not mend by itself ends the socket: not there, or not allowed.
          const status = (err as { status?: number }).status ?? 0;
          return status === 401 || status === 403 || status === 404 ? (err as Error) : true;
        }
      },
    });
  }

  #url(path: string, query: Record<string, string | number | undefined>): string {
    const base = this.#options.baseUrl || globalThis.location?.origin || '';
    const given = Object.entries(query).filter((e): e is [string, string | number] => e[1] !== undefined && e[1] !== '');
    const text = new URLSearchParams(given.map(([k, v]) => [k, String(v)])).toString();
    return base.replace(/\/$/, '') + path + (text && `?${text}`);
  }
}

/** A turn as one says it: kind defaults to converse. */
export type RunRequest = Omit<TurnRequest, 'kind'> & Partial<Pick<TurnRequest, 'kind'>>;

async function* pages<T>(page: (cursor?: string) => Promise<{ items: T[]; next?: string | undefined }>): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  do {
    const { items, next } = await page(cursor);
    yield* items;
    cursor = next;
  } while (cursor);
}

/** AbortSignal.timeout, which can be ended. */
function timer(ms: number): { signal: AbortSignal; clear: () => void } {
  const late = new AbortController();
  const running = setTimeout(() => late.abort(), ms);
  return { signal: late.signal, clear: () => clearTimeout(running) };
}

/** The file's name of RFC 6266, where the server (and the browser) shows it. */
function nameOf(response: Response): string {
  const header = response.headers.get('Content-Disposition') ?? '';
  const [, encoded] = /filename\*=UTF-8''([^;]+)/i.exec(header) ?? [];
  if (encoded) return decodeURIComponent(encoded);
  const [, plain] = /filename="?([^";]+)"?/i.exec(header) ?? [];
  return plain ?? 'image';
}
