// Windows: how long those are that stand beside each other in a picture.

/** Seconds that roll-ups are made of, and few enough columns that each can be seen. */
const STEPS_MS = [1, 2, 5, 10, 20, 60, 120, 300, 600, 1800, 3600, 7200, 21_600].map(
  (seconds) => seconds * 1000,
);
const COLUMNS_MOST = 180;

/** Of a picture of this span. */
export const columnMs = (spanMs: number): number =>
  STEPS_MS.find((step) => spanMs / step <= COLUMNS_MOST) ?? 21_600_000;
