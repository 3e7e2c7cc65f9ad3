/** Longest wait that a retry honours by itself; beyond it the caller is told. */
const longestWait = 30_000;

/** What happened to one try of a request. */
export interface Attempt {
  request: Request;
  /** 1 for the first try. */
  attempt: number;
  ms: number;
  /** Absent when no answer came. */
  response?: Response;
  error?: unknown;
}

/**
 * Wraps fetch: requests that are safe to repeat (GET, HEAD, and any with an
 * Idempotency-Key) are repeated after a lost connection, a 429 or a 503, with
 * jitter, as Retry-After says. Each try is told to onAttempt.
 */
export function retrying(fetch: typeof globalThis.fetch, maxRetries: number, onAttempt: (a: Attempt) => void): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const safe = request.method === 'GET' || request.method === 'HEAD' || request.headers.has('Idempotency-Key');
    for (let attempt = 0; ; attempt++) {
      const last = !safe || attempt >= maxRetries;
      const begun = performance.now();
      const tell = (outcome: { response: Response } | { error: unknown }) => {
        try {
          onAttempt({ request, attempt: attempt + 1, ms: performance.now() - begun, ...outcome });
        } catch {
          // A hook that throws changes nothing about the request.
        }
      };
      try {
        // A request with a body is used up by sending it, hence the copy.
        const response = await fetch(last ? request : request.clone());
        tell({ response });
        const wait = last ? undefined : waitFor(response, attempt);
        if (wait === undefined) return response;
        await response.body?.cancel();
        await sleep(wait, request.signal);
      } catch (err) {
        if (!request.signal.aborted) tell({ error: err });
        if (last || request.signal.aborted) throw err;
        await sleep(jitter(500 * 2 ** attempt), request.signal);
      }
    }
  };
}

function waitFor(response: Response, attempt: number): number | undefined {
  if (response.status !== 429 && response.status !== 503) return undefined;
  const header = response.headers.get('Retry-After');
  // Without the header a 503 or a quota says nothing about when: ask once more soon.
  const wait = header === null ? jitter(500 * 2 ** attempt) : Number(header) * 1000;
  return Number.isFinite(wait) && wait <= longestWait ? wait : undefined;
}

/** A duration between half and all of ms, so that many clients do not come at once. */
export function jitter(ms: number): number {
  return ms / 2 + Math.random() * (ms / 2);
}

/** Waits; rejects with the signal's reason when it aborts first. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
