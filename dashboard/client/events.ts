// What Weir and Subscription tell, as events with a detail.

export function tell(target: EventTarget, type: string, detail: unknown): void {
  target.dispatchEvent(new CustomEvent(type, { detail }));
}

/** Listens; the function it returns stops listening. */
export function listen<T>(
  target: EventTarget,
  type: string,
  listener: (detail: T) => void,
): () => void {
  const call = (event: Event) => listener((event as CustomEvent<T>).detail);
  target.addEventListener(type, call);
  return () => target.removeEventListener(type, call);
}
