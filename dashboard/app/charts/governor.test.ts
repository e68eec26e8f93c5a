import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { drawnHz, FrameLoop } from './frame-loop.ts';
import { BUDGET_MS, Governor } from './governor.ts';

/** Draws for so many seconds whatever comes, four times a second; gives how often it drew. */
function run(governor: Governor, from: number, seconds: number, tookMs: number): number {
  let drawn = 0;
  for (let now = from; now < from + seconds * 1000; now += 250) {
    if (governor.wait(now) > 0) continue;
    governor.drew(now, tookMs);
    drawn++;
  }
  return drawn;
}

describe('a governor', () => {
  it('holds nothing back while drawing is cheap', () => {
    const governor = new Governor();
    expect(run(governor, 0, 60, BUDGET_MS)).toBe(240);
    expect(governor.hz).toBe(4);
  });
  it('goes from 4 to 2 to 1 Hz while it is dear, and never stops', () => {
    const governor = new Governor();
    run(governor, 0, 3, 13);
    expect(governor.hz).toBe(2);
    governor.drew(3000, 13);
    expect(governor.wait(3250)).toBe(250);
    expect(governor.wait(3500)).toBe(0);
    run(governor, 3500, 3, 13);
    expect(governor.hz).toBe(1);
    expect(run(governor, 10_000, 60, 400)).toBe(60);
    expect(governor.hz).toBe(1);
  });
  it('comes back step by step when it is cheap again', () => {
    const governor = new Governor();
    run(governor, 0, 10, 30);
    expect(governor.hz).toBe(1);
    run(governor, 10_000, 7, 3);
    expect(governor.hz).toBe(2);
    run(governor, 17_000, 7, 3);
    expect(governor.hz).toBe(4);
  });
  it('does not swing: what is neither dear nor cheap stays', () => {
    const governor = new Governor();
    run(governor, 0, 3, 20);
    run(governor, 3000, 60, 10);
    expect(governor.hz).toBe(2);
  });
  it('is not moved by one long pause of the browser', () => {
    const governor = new Governor();
    run(governor, 0, 5, 2);
    governor.drew(5000, 300);
    run(governor, 5250, 20, 2);
    expect(governor.hz).toBe(4);
  });
});

describe('the frame loop', () => {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'Date'],
    });
    vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw, 16));
    vi.stubGlobal('document', { hidden: false });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  /** What drawing has taken of the loop's clock. */
  let spent = 0;
  const newLoop = () => new FrameLoop(() => Date.now() + spent);

  /** News four times a second for so long, each of which takes `tookMs` to draw; gives how often it was drawn. */
  function news(loop: FrameLoop, seconds: number, tookMs: number): number {
    let drawn = 0;
    const draw = () => {
      drawn++;
      spent += tookMs;
    };
    for (let i = 0; i < seconds * 4; i++) {
      loop.soon(draw);
      vi.advanceTimersByTime(250);
    }
    return drawn;
  }

  it('says at which rate it draws, and goes on drawing', () => {
    const loop = newLoop();
    expect(news(loop, 3, 1)).toBeGreaterThanOrEqual(11);
    expect(drawnHz.value).toBe(4);
    news(loop, 12, 40);
    expect(drawnHz.value).toBe(1);
    const drawn = news(loop, 10, 40);
    expect(drawn).toBeGreaterThanOrEqual(8);
    expect(drawn).toBeLessThanOrEqual(12);
    news(loop, 30, 1);
    expect(drawnHz.value).toBe(4);
  });
  it('spreads what is too much for a frame over the next ones, each drawing once', () => {
    const loop = newLoop();
    const drawn: number[] = [];
    for (let i = 0; i < 10; i++)
      loop.soon(() => {
        drawn.push(i);
        spent += 5;
        loop.soon(late);
      });
    const late = vi.fn();
    vi.advanceTimersByTime(17);
    expect(drawn).toEqual([0, 1, 2]);
    vi.advanceTimersByTime(16);
    expect(drawn).toEqual([0, 1, 2, 3, 4, 5]);
    vi.advanceTimersByTime(32);
    expect(drawn).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    vi.advanceTimersByTime(16);
    expect(late).toHaveBeenCalledOnce();
  });
  it('does not draw what left meanwhile', () => {
    const loop = newLoop();
    const dear = () => {
      spent += BUDGET_MS;
    };
    const left = vi.fn();
    loop.soon(dear);
    const leave = loop.join(left);
    vi.advanceTimersByTime(17);
    leave();
    vi.advanceTimersByTime(2000);
    expect(left).not.toHaveBeenCalled();
  });
  it('draws at once what a person asks for', () => {
    const loop = newLoop();
    news(loop, 12, 40);
    let drawn = 0;
    loop.join(() => drawn++);
    vi.advanceTimersByTime(1200);
    const before = drawn;
    loop.all();
    vi.advanceTimersByTime(20);
    expect(drawn).toBe(before + 1);
  });
});
