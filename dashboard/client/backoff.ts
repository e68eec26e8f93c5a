// Full jitter: a fleet that lost its server does not come back in step.

export interface BackoffOptions {
  baseMs: number;
  maxMs: number;
  random: () => number;
}

/** Milliseconds to wait after `failures` attempts (0 for the first): random in [0, min(max, base x 2^failures)]. */
export function backoffMs(failures: number, options: BackoffOptions): number {
  return Math.floor(
    options.random() * Math.min(options.maxMs, options.baseMs * 2 ** Math.min(failures, 30)),
  );
}

/**
 * What a WebSocket close code means for a client. `token`: once more with another token, if there is any. An expired one
 * (4105) is a plain retry, because each connection asks for its token.
 */
export function afterClose(code: number): 'stop' | 'token' | 'retry' {
  if (code === 4002) return 'token';
  return code >= 4000 && code < 4100 ? 'stop' : 'retry';
}
