// What nobody can see asks for nothing: while-visible, for cards, tiles and rows.

/** Scrolling past and back leaves no hole in the line. */
const LINGER_MS = 15_000;

/**
 * Calls while the element can be seen; what it returns is called a while after it no longer can, and at once when the whole
 * page is hidden: it begins anew, with the past that was missed, when the page is shown.
 */
export function whileVisible(element: Element, enter: () => () => void): () => void {
  let leave: (() => void) | null = null;
  let later: ReturnType<typeof setTimeout> | undefined;
  let inside = false;
  const end = () => {
    leave?.();
    leave = null;
  };
  const look = () => {
    clearTimeout(later);
    if (document.hidden) end();
    else if (inside) leave ??= enter();
    else if (leave) later = setTimeout(end, LINGER_MS);
  };
  const observer = new IntersectionObserver((entries) => {
    inside = entries.at(-1)?.isIntersecting ?? false;
    look();
  });
  observer.observe(element);
  document.addEventListener('visibilitychange', look);
  return () => {
    observer.disconnect();
    document.removeEventListener('visibilitychange', look);
    clearTimeout(later);
    end();
  };
}
