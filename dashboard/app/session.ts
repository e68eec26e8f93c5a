// Session: whether this server wants a token to read, and who has shown one. The token itself goes into a cookie that
// no script can read; nothing of it stays here.

import { signal } from '@preact/signals';

export interface Session {
  required: boolean;
  name: string | null;
  role: string | null;
  /** When it ends, ms since 1970; null: when the browser does. */
  until: number | null;
}

export const session = signal<Session | null>(null);

/** A server that cannot be asked is treated as open: the page then shows that the link is down. */
export async function readSession(): Promise<void> {
  try {
    const response = await fetch('/api/v1/session', { signal: AbortSignal.timeout(5000) });
    if (response.ok) session.value = (await response.json()) as Session;
  } catch {
    session.value = null;
  }
}

export const isStranger = () => session.value?.required === true && session.value.name === null;

/** What to tell the person who tried; empty when it worked. */
export async function signIn(token: string): Promise<string> {
  try {
    const response = await fetch('/api/v1/session', {
      method: 'POST',
      body: JSON.stringify({ token }),
      signal: AbortSignal.timeout(5000),
    });
    if (response.ok) return '';
    return refusal(response.status, await response.json());
  } catch {
    return 'The server does not answer.';
  }
}

export function refusal(status: number, body: { error?: { code?: string; msg?: string } }): string {
  switch (body.error?.code) {
    case 'auth.expired':
      return 'This token has expired.';
    case 'auth.forbidden':
      return 'This token may not read.';
    case 'auth.invalid_token':
      return 'This token is not known here.';
    default:
      return body.error?.msg ?? `The server refused it (${status}).`;
  }
}

export async function signOut(): Promise<void> {
  await fetch('/api/v1/session', { method: 'DELETE' });
  location.reload();
}
