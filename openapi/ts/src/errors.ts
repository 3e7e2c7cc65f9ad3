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

/** The line, not the server, failed: nobody knows whether the request arrived. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** Turns whatever a failed response held into an error worth throwing. */
export function toError(body: unknown, response: Response | undefined): Error {
  if (response && isProblem(body)) return new ImageChatError(body, response.status);
  if (response) {
    const problem = { code: 'internal', title: response.statusText, detail: `HTTP ${response.status}`, status: response.status, retryable: response.status >= 500 };
    return new ImageChatError({ type: 'about:blank', request_id: response.headers.get('x-request-id') ?? '', ...problem } as Problem, response.status);
  }
  if (body instanceof Error && body.name === 'AbortError') return body;
  return new ConnectionError(body instanceof Error ? body.message : 'the connection failed', { cause: body });
}

function isProblem(v: unknown): v is Problem {
  return typeof v === 'object' && v !== null && 'code' in v && 'title' in v;
}
