import type { Problem } from './gen/index.js';

/** A failure that the server explained: an RFC 9457 problem with a stable code. */
export class ImageChatError extends Error {
  override readonly name = 'ImageChatError';

  constructor(
    /** The whole problem; `detail` is for people, in their language. */
    readonly problem: Problem,
    /** The HTTP status, or 0 where the failure came as a frame. */
    readonly status: number,
  ) {
    super(problem.detail || problem.title || problem.code);
  }

  /** The stable code. Tolerate codes that you do not know. */
  get code(): Problem['code'] {
    return this.problem.code;
  }

  /** Whether the same request may succeed later. */
  get retryable(): boolean {
    return this.problem.retryable;
  }

  /** Milliseconds to wait before a retry, where the server said. */
  get retryAfterMs(): number | undefined {
    return this.problem.retry_after_ms;
  }
}

/**
 * The line, not the server, failed: no answer came in time, or what came is not
 * the server's (a sign-in page of a network, say). Nobody knows whether the request arrived.
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** Turns whatever a failed request left into an error worth throwing. */
export function toError(body: unknown, response: Response | undefined): Error {
  if (body instanceof ImageChatError || body instanceof ConnectionError) return body;
  if (response && isProblem(body)) return new ImageChatError(body, response.status);
  // A gateway speaks of itself: what became of the request, it does not know.
  if (response && response.status >= 500) return new ConnectionError(`HTTP ${response.status} from something before the server`);
  if (response) {
    const problem = { code: 'internal', title: response.statusText, detail: `HTTP ${response.status}`, status: response.status, retryable: false };
    return new ImageChatError({ type: 'about:blank', request_id: response.headers.get('x-request-id') ?? '', ...problem } as Problem, response.status);
  }
  return new ConnectionError(body instanceof Error ? body.message : 'the connection failed', { cause: body });
}

function isProblem(v: unknown): v is Problem {
  return typeof v === 'object' && v !== null && 'code' in v && 'title' in v;
}

/** The failure to throw for a 2xx answer that is none of ours, or undefined. */
export function strange(response: Response, wanted: RegExp): Error | undefined {
  const type = response.headers.get('Content-Type') ?? 'no content type';
  if (response.status === 204 || wanted.test(type)) return undefined;
  return new ConnectionError(`${response.url || 'the address'} answered with ${type} instead of what was asked for: is baseUrl right, and does nothing in between ask to sign in?`);
}
