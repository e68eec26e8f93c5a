// Ask: one answer of the gateway's API over HTTP.

import { useEffect, useState } from 'preact/hooks';
import { isStranger, readSession } from './session.ts';

const PATIENCE_MS = 5000;

/** The session is over: the page begins anew, and asks for a token. */
async function leaveIfStranger(): Promise<void> {
  await readSession();
  if (isStranger()) location.reload();
}

/** null while the server cannot be asked: the last answer stays. */
export async function getJson<T>(path: string): Promise<T | null> {
  try {
    const response = await fetch(path, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.status === 401) await leaveIfStranger();
    return response.ok ? ((await response.json()) as T) : null;
  } catch {
    return null;
  }
}

/** An answer that is asked for again and again, while its part of the page is there and the page can be seen. */
export function usePolled<T>(path: string, everyMs: number): T | null {
  const [answer, setAnswer] = useState<T | null>(null);
  useEffect(() => {
    let timer = 0;
    let over = false;
    const ask = async () => {
      const found = document.hidden ? null : await getJson<T>(path);
      if (over) return;
      if (found) setAnswer(found);
      timer = window.setTimeout(ask, everyMs);
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [path, everyMs]);
  return answer;
}
