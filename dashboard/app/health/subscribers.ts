// Subscribers: what /api/v1/status says of who reads. Types alone.

/** A reader that fell behind; address and name are told to admins. */
export interface SlowReader {
  over: string;
  subs: number;
  /** Frames that wait for it. */
  behind: number;
  /** Times that it lost frames and got the newest state instead. */
  skipped: number;
  /** Times that it got a slower rate. */
  demoted: number;
  held: number;
  address?: string;
  name?: string;
}
/** A query that somebody watches. */
export interface StreamCost {
  metric: string;
  rows: number;
  readers: number;
  cells_per_second: number;
  bytes: number;
}
