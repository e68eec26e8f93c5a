import { describe, expect, it } from 'vitest';
import { found } from './match.ts';

const names = ['http.latency', 'http.requests', 'db.latency', 'lat', 'queue.depth', 'collated'];
const some = (typed: string, most = 9) => found(names, (name) => name, typed, most);

describe('what was typed finds', () => {
  it('the beginning of a name first, then of a part, then any place', () => {
    expect(some('lat')).toEqual(['lat', 'db.latency', 'http.latency', 'collated']);
  });
  it('letters in order, where nothing else fits', () => {
    expect(some('qdp')).toEqual(['queue.depth']);
  });
  it('every word, in any order and case', () => {
    expect(some('Latency HTTP')).toEqual(['http.latency']);
  });
  it('everything while it is empty, as many as fit', () => {
    expect(some('', 2)).toEqual(['lat', 'collated']);
  });
  it('nothing where nothing fits', () => {
    expect(some('zzz')).toEqual([]);
  });
});
