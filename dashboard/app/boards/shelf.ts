// Shelf: the boards that the gateway keeps, over /api/v1/boards. A tag says which version was seen, so that of two who edit
// the second is told.

import { type Board, readBoard, textOf } from './board.ts';

export interface Listed {
  id: string;
  title: string;
  changed: number;
}
/** `board` and `tag` of what is there; else a sentence. */
export type Got = { board: Board; tag: string } | { missing: true } | { fault: string };
/** The tag it has now; or that it was changed meanwhile; or a sentence. */
export type Kept = { tag: string } | { changed: true } | { fault: string };

const PATH = '/api/v1/boards';
const PATIENCE_MS = 10_000;

async function ask(path: string, options: RequestInit = {}): Promise<Response | string> {
  try {
    return await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    return 'The server does not answer.';
  }
}

async function faultOf(response: Response): Promise<{ fault: string }> {
  const body = await response.json().catch(() => null);
  return { fault: body?.error?.msg ?? `The server answered ${response.status}.` };
}

export async function list(): Promise<{ items: Listed[] } | { fault: string }> {
  const response = await ask(PATH);
  if (typeof response === 'string') return { fault: response };
  return response.ok ? ((await response.json()) as { items: Listed[] }) : faultOf(response);
}

export async function load(id: string): Promise<Got> {
  const response = await ask(`${PATH}/${id}`, { cache: 'no-store' });
  if (typeof response === 'string') return { fault: response };
  if (response.status === 404) return { missing: true };
  if (!response.ok) return faultOf(response);
  const board = readBoard(await response.text());
  if (typeof board === 'string') return { fault: board };
  return { board, tag: response.headers.get('etag') ?? '' };
}

/** `tag`: of the version that was changed; null: it is new. */
export async function save(id: string, board: Board, tag: string | null): Promise<Kept> {
  const condition: Record<string, string> =
    tag === null ? { 'If-None-Match': '*' } : { 'If-Match': tag };
  const response = await ask(`${PATH}/${id}`, {
    method: 'PUT',
    headers: { ...condition, 'Content-Type': 'application/json' },
    body: textOf(board),
  });
  return keptOf(response);
}

export async function remove(id: string, tag: string): Promise<Kept> {
  return keptOf(await ask(`${PATH}/${id}`, { method: 'DELETE', headers: { 'If-Match': tag } }));
}

async function keptOf(response: Response | string): Promise<Kept> {
  if (typeof response === 'string') return { fault: response };
  if (response.status === 412) return { changed: true };
  if (!response.ok) return faultOf(response);
  return { tag: response.headers.get('etag') ?? '' };
}
