// What every test of the client shares: a server played by hand, a clock that stands still, and a client between them.
// Import it first of all; it sets up before each test of the file that imports it, and cleans up after.
import { afterEach, beforeEach, vi } from 'vitest';
import { FakeServer, snap, subd } from './fake-server.ts';
import { type Query, type Subscription, type Update, Weir, type WeirOptions } from './index.ts';

export const url = 'ws://127.0.0.1:8080/v1/ws';
export const query: Query = { metric: 'http.latency', by: ['route'], stats: ['count', 'p99'] };

export let server: FakeServer;
export let weir: Weir;

export const connect = (options: WeirOptions = {}, to = url) => {
  weir = new Weir(to, { WebSocket: server.WebSocket, ...options });
  return weir;
};
export const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

/** A server that knows nothing of what came before, for the next client. */
export function restartServer() {
  server = new FakeServer();
}

/** A subscription that has its first snapshot, at s = 5. */
export async function live(options: WeirOptions = {}, to = url) {
  const subscription = connect(options, to).subscribe(query);
  await tick();
  server.welcome();
  server.say(subd(lastId()), snap(5));
  return subscription;
}
export const lastId = () => server.subs().at(-1)?.id;
export const updates = (subscription: Subscription) => {
  const seen: Update[] = [];
  subscription.on('update', (update) => seen.push(update));
  return seen;
};
export const counts = ({ table }: { table: Subscription['table'] }) =>
  Object.fromEntries(
    [...table.rows()].map((row) => [table.tags(row).route, table.get(row, 'count')]),
  );

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(1_764_000_000_000);
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  restartServer();
});
afterEach(() => {
  weir.close();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});
