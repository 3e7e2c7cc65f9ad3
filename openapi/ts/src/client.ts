import {
  cancelTurn, createBrand, createExport, createSession, createTurn, deleteBrand, deleteImage, deleteSession, estimateTurn,
  exportImage, getBrand, getHealth, getImage, getImageContent, getInfo, getSession, getTurn, getUsage, listBrands, listImages,
  listModels, listPurposes, listSessions, listStyles, login, logout, previewExport, retryTurn, updateBrand, updateImage, updateSession,
  uploadBrandLogo, uploadImage,
} from './gen/index.js';
import type {
  CreateBrandData, CreateExportData, CreateSessionData, ExportImageData, GetUsageData, Image, ListImagesData,
  ListSessionsData, PreviewExportData, Session, TurnRequest, UpdateBrandData, UpdateImageData, UpdateSessionData, UploadImageData,
} from './gen/index.js';
import { createClient as createHttp, createConfig } from './gen/client/index.js';
import type { Client } from './gen/client/index.js';
import { toError } from './errors.js';
import { newKey } from './key.js';
import { retrying } from './retry.js';
import { ChatSocket } from './socket.js';
import type { ChatSocketOptions } from './socket.js';
import { TurnRun } from './run.js';
import type { RunOptions } from './run.js';

export interface ClientOptions {
  /** Root of the server, such as https://studio.example. Default: the page's own origin. */
  baseUrl?: string;
  /** Bearer secret. The web app has a cookie instead. */
  token?: string;
  /** Language of the texts for people. Default: what the runtime's Accept-Language says, and on the socket the server's own. */
  language?: 'ko' | 'en' | (() => 'ko' | 'en');
  /** Default: the global fetch. */
  fetch?: typeof fetch;
  /** Default: the global WebSocket; Node 20 needs the package ws. */
  WebSocket?: ChatSocketOptions['WebSocket'];
}

/** Extras of any request. */
export interface RequestOptions {
  signal?: AbortSignal | undefined;
  /** Lets the request outlive the page (browsers). */
  keepalive?: boolean;
}

type Answer<T> = Promise<{ data?: T; error?: unknown; response?: Response }>;

/** The data of an answer, or its failure thrown. */
async function must<T>(answer: Answer<T>): Promise<T> {
  const { data, error, response } = await answer;
  if (error !== undefined || (response && !response.ok)) throw toError(error, response);
  if (!response) throw toError(undefined, undefined);
  return data as T;
}

/** Makes a client. It holds no connection until it is used. */
export function createClient(options: ClientOptions = {}): ImageChat {
  return new ImageChat(options);
}

/** A server of Gemini Image Chat. Every method throws ImageChatError or ConnectionError, or the signal's AbortError. */
export class ImageChat {
  readonly #http: Client;
  readonly #options: ClientOptions;

  constructor(options: ClientOptions = {}) {
    this.#options = options;
    const fetch = retrying(options.fetch ?? ((...a) => globalThis.fetch(...a)));
    this.#http = createHttp(createConfig({ baseUrl: options.baseUrl ?? '', fetch }));
    this.#http.interceptors.request.use((request) => {
      if (options.token) request.headers.set('Authorization', `Bearer ${options.token}`);
      const language = this.#language();
      if (language) request.headers.set('Accept-Language', language);
      return request;
    });
  }

  #language(): string | undefined {
    const l = this.#options.language;
    return typeof l === 'function' ? l() : l;
  }

  #with(o?: RequestOptions) {
    return { client: this.#http, ...(o?.signal ? { signal: o.signal } : {}), ...(o?.keepalive ? { keepalive: true } : {}) };
  }

  readonly sessions = {
    create: (body: CreateSessionData['body'], o?: RequestOptions) => must(createSession({ ...this.#with(o), body })),
    /** One page, newest first. */
    list: (query: ListSessionsData['query'] = {}, o?: RequestOptions) => must(listSessions({ ...this.#with(o), query })),
    /** Every session that fits, page by page as they are asked for. */
    all: (query: ListSessionsData['query'] = {}, o?: RequestOptions): AsyncGenerator<Session, void, undefined> =>
      pages(async (cursor) => {
        const page = await this.sessions.list({ ...query, ...(cursor ? { cursor } : {}) }, o);
        return { items: page.sessions, next: page.next_cursor };
      }),
    /** With its newest 200 messages; messages_before pages back. */
    get: (id: string, query: { messages_before?: string } = {}, o?: RequestOptions) =>
      must(getSession({ ...this.#with(o), path: { session_id: id }, query })),
    update: (id: string, body: UpdateSessionData['body'], o?: RequestOptions) =>
      must(updateSession({ ...this.#with(o), path: { session_id: id }, body })),
    delete: (id: string, o?: RequestOptions) => must(deleteSession({ ...this.#with(o), path: { session_id: id } })),
  };

  readonly turns = {
    /** Takes a turn in and returns at once; the same key in the same session never costs twice. */
    create: (sessionId: string, body: TurnRequest, o: RequestOptions & { idempotencyKey?: string } = {}) =>
      must(createTurn({
        ...this.#with(o), path: { session_id: sessionId }, body,
        headers: { 'Idempotency-Key': o.idempotencyKey ?? newKey() },
      })),
    /** Says something and follows what comes of it: await it for the reply, or loop over it for the progress. */
    run: (sessionId: string, request: RunRequest, o: RunOptions = {}): TurnRun =>
      new TurnRun(this, this.#http, sessionId, { kind: 'converse', ...request } as TurnRequest, o),
    estimate: (sessionId: string, body: TurnRequest, o?: RequestOptions) =>
      must(estimateTurn({ ...this.#with(o), path: { session_id: sessionId }, body })),
    get: (id: string, o?: RequestOptions) => must(getTurn({ ...this.#with(o), path: { turn_id: id } })),
    cancel: (id: string, o?: RequestOptions) => must(cancelTurn({ ...this.#with(o), path: { turn_id: id } })),
    retry: (id: string, o?: RequestOptions) => must(retryTurn({ ...this.#with(o), path: { turn_id: id } })),
  };

  readonly images = {
    list: (query: ListImagesData['query'] = {}, o?: RequestOptions) => must(listImages({ ...this.#with(o), query })),
    all: (query: ListImagesData['query'] = {}, o?: RequestOptions): AsyncGenerator<Image, void, undefined> =>
      pages(async (cursor) => {
        const page = await this.images.list({ ...query, ...(cursor ? { cursor } : {}) }, o);
        return { items: page.images, next: page.next_cursor };
      }),
    get: (id: string, o?: RequestOptions) => must(getImage({ ...this.#with(o), path: { image_id: id } })),
    update: (id: string, body: UpdateImageData['body'], o?: RequestOptions) =>
      must(updateImage({ ...this.#with(o), path: { image_id: id }, body })),
    delete: (id: string, o?: RequestOptions) => must(deleteImage({ ...this.#with(o), path: { image_id: id } })),
    /** The exact bytes that the generator returned, or with w a copy of that width. */
    content: (id: string, query: { w?: number } = {}, o?: RequestOptions): Promise<Blob> =>
      must(getImageContent({ ...this.#with(o), path: { image_id: id }, query, parseAs: 'blob' })) as Promise<Blob>,
    /** Where a browser finds the bytes; download asks for a file with a speaking name. */
    contentUrl: (id: string, query: { w?: number; download?: boolean } = {}): string =>
      this.#url(`/api/image-chat/images/${encodeURIComponent(id)}/content`, { w: query.w, download: query.download ? 1 : undefined }),
    /** Cut and scaled to a placement's exact pixels, under its byte limit. */
    export: (id: string, query: ExportImageData['query'], o?: RequestOptions): Promise<Blob> =>
      must(exportImage({ ...this.#with(o), path: { image_id: id }, ...(query ? { query } : {}), parseAs: 'blob' })) as Promise<Blob>,
    exportUrl: (id: string, query: ExportImageData['query'] = {}): string =>
      this.#url(`/api/image-chat/images/${encodeURIComponent(id)}/export`, query as Record<string, string | number | undefined>),
  };

  readonly exports = {
    /** What the files of an export would be, to the byte; nothing is kept and the picture does not count as exported. */
    preview: (imageId: string, body: PreviewExportData['body'], o?: RequestOptions) =>
      must(previewExport({ ...this.#with(o), path: { image_id: imageId }, body })),
    /** A ZIP with a file for every placement, at its exact size, and a manifest. */
    create: (sessionId: string, body: CreateExportData['body'], o?: RequestOptions): Promise<Blob> =>
      must(createExport({ ...this.#with(o), path: { session_id: sessionId }, body, parseAs: 'blob' })) as Promise<Blob>,
  };

  readonly uploads = {
    create: (file: Blob | File, query: UploadImageData['query'] = {}, o?: RequestOptions) =>
      must(uploadImage({ ...this.#with(o), body: { file }, query })),
  };

  readonly brands = {
    list: (o?: RequestOptions) => must(listBrands(this.#with(o))),
    create: (body: CreateBrandData['body'], o?: RequestOptions) => must(createBrand({ ...this.#with(o), body })),
    get: (id: string, o?: RequestOptions) => must(getBrand({ ...this.#with(o), path: { brand_id: id } })),
    update: (id: string, body: UpdateBrandData['body'], o?: RequestOptions) =>
      must(updateBrand({ ...this.#with(o), path: { brand_id: id }, body })),
    delete: (id: string, o?: RequestOptions) => must(deleteBrand({ ...this.#with(o), path: { brand_id: id } })),
    uploadLogo: (id: string, file: Blob | File, o?: RequestOptions) =>
      must(uploadBrandLogo({ ...this.#with(o), path: { brand_id: id }, body: { file } })),
  };

  readonly purposes = { list: (o?: RequestOptions) => must(listPurposes(this.#with(o))) };
  readonly styles = { list: (o?: RequestOptions) => must(listStyles(this.#with(o))) };
  readonly models = { list: (o?: RequestOptions) => must(listModels(this.#with(o))) };
  readonly usage = { get: (query: GetUsageData['query'] = {}, o?: RequestOptions) => must(getUsage({ ...this.#with(o), query })) };

  health(o?: RequestOptions) {
    return must(getHealth(this.#with(o)));
  }

  info(o?: RequestOptions) {
    return must(getInfo(this.#with(o)));
  }

  /** Trades a token for the browser's cookie. */
  login(token: string, o?: RequestOptions) {
    return must(login({ ...this.#with(o), body: { token } }));
  }

  logout(o?: RequestOptions) {
    return must(logout(this.#with(o)));
  }

  /** A socket that stays connected to a session and resumes where it was. */
  socket(sessionId: string, o: { after?: number } = {}): ChatSocket {
    const language = this.#language();
    const query = { ...(language ? { lang: language } : {}), ...(this.#options.token ? { token: this.#options.token } : {}) };
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
