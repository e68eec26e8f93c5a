// WeirError: what the server refused, with its stable code (DESIGN: "query.bad_window", 2005), or why the link ended.

export class WeirError extends Error {
  override readonly name = 'WeirError';
  /** Stable: `query.bad_window`, `limit.subs`, ...; `link.closed` for a close code that forbids coming back. */
  readonly code: string;
  /** Its number, or the WebSocket close code. */
  readonly number: number;
  /** Whether the same request may succeed later. */
  readonly retry: boolean;

  constructor(code: string, number: number, message: string, retry = false) {
    super(message);
    this.code = code;
    this.number = number;
    this.retry = retry;
  }
}
