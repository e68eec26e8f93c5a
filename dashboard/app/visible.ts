// What nobody can see asks for nothing: while-visible, for cards, tiles and rows.

/** Scrolling past and back leaves no hole in the line. */
const LINGER_MS = 15_000;

/** Calls while the element can be seen; what it returns is called a while after it no longer can. */
export function whileVisible(element: Element, enter: () => () => void): () => void {
  let leave: (() => void) | null = null;
  let later: ReturnType<typeof setTimeout> | undefined;
  const observer = new IntersectionObserver((entries) => {
    clearTimeout(later);
    if (entries.at(-1)?.isIntersecting) leave ??= enter();
    else if (leave)
      later = setTimeout(() => {
        leave?.();
        leave = null;
      }, LINGER_MS);
  });
  observer.observe(element);
  return () => {
    observer.disconnect();
    clearTimeout(later);
    leave?.();
  };
}
