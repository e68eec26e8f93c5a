// Full jitter: a fleet that lost its server does not come back in step.

export interface BackoffOptions {
  /** Default 500. */
  baseMs?: number;
  /** Default 30,000. */
  maxMs?: number;
  random?: () => number;
}

/** Milliseconds to wait after `failures` attempts (0 for the first): random in [0, min(max, base x 2^failures)]. */
export function backoffMs(
  failures: number,
  { baseMs = 500, maxMs = 30_000, random = Math.random }: BackoffOptions = {},
): number {
  return Math.floor(random() * Math.min(maxMs, baseMs * 2 ** Math.min(failures, 30)));
}

/**
 * What a WebSocket close code means for a client. `token`: once more with another token, if there is any. An expired one
 * (4105) is a plain retry, because each connection asks for its token.
 */
export function afterClose(code: number): 'stop' | 'token' | 'retry' {
  if (code === 4002) return 'token';
  return code >= 4000 && code < 4100 ? 'stop' : 'retry';
}
