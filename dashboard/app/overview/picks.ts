// Picks: which metrics the panels of the overview show, kept up to date by a small question that ranks all of a person's
// metrics by how busy they are. One for the overview; panels read its signals.

import { computed, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { view } from '../address.ts';
import type { Gateway } from '../gateway.ts';
import { whereOf } from '../view-state.ts';
import { type Busyness, errorsOf, queueOf, requestsOf, timerOf } from './choice.ts';

const RANKED_MAX = 50;

export class Picks {
  readonly #busy = signal<Busyness>(new Map());
  #timer: string | undefined;
  #requests: string | undefined;

  readonly timer;
  readonly requests;
  readonly errors;
  readonly queue;

  constructor(gateway: Gateway) {
    const metrics = gateway.metrics;
    this.timer = computed(() => {
      this.#timer = timerOf(metrics.value, this.#busy.value, this.#timer);
      return this.#timer;
    });
    this.requests = computed(() => {
      this.#requests = requestsOf(metrics.value, this.#busy.value, this.#requests);
      return this.#requests;
    });
    this.errors = computed(() => errorsOf(metrics.value, this.requests.value));
    this.queue = computed(() => queueOf(metrics.value));
  }

  /** Returns how to stop. */
  watch(gateway: Gateway): () => void {
    const subscription = gateway.weir.subscribe(
      {
        metric: '**',
        by: ['@metric'],
        where: [
          ['@kind', 'in', ['counter', 'timer']],
          ['@metric', '!~', '(system|process)[.].*'],
          ...whereOf(view.value.filters),
        ],
        window: '10s',
        slide: '10s',
        stats: ['rate'],
        order: 'rate:desc',
        limit: RANKED_MAX,
      },
      { rate: '10s' },
    );
    const off = subscription.on('update', ({ correction, table }) => {
      if (correction) return;
      this.#busy.value = new Map(
        [...table.rows()].map((row) => [
          table.tags(row)['@metric'] ?? '',
          table.get(row, 'rate') ?? 0,
        ]),
      );
    });
    return () => {
      off();
      subscription.close();
    };
  }
}

export function usePicks(gateway: Gateway): Picks {
  const picks = useMemo(() => new Picks(gateway), [gateway]);
  const asked = JSON.stringify(view.value.filters);
  useEffect(() => picks.watch(gateway), [picks, asked]);
  return picks;
}
