import { describe, expect, it } from 'vitest';
import { feedsOf, recipesFor } from './recipes.ts';

const ORIGIN = 'http://127.0.0.1:8080';
const texts = (...listeners: [what: string, address: string][]) =>
  recipesFor(
    listeners.map(([what, address]) => ({ what, address })),
    ORIGIN,
  ).map(({ text }) => text);

describe('recipes', () => {
  it('name the socket that listens, whatever its port', () => {
    const all = texts(['http', '127.0.0.1:8080'], ['udp/statsd', '0.0.0.0:9125']);
    expect(all.length).toBe(6);
    expect(all.at(-1)).toContain(`urls = ["${ORIGIN}"]`);
    for (const text of all.slice(0, 4)) {
      expect(text).toContain('9125');
      expect(text).toContain('127.0.0.1');
      expect(text).not.toContain('8125');
      expect(text).toMatch(/http\.latency:.*\|ms\|#service:checkout/);
    }
  });

  it('speak the format of the feed where none is StatsD', () => {
    const [shell, python, node] = texts(['udp/json', '127.0.0.1:8127']);
    expect(shell).toContain('\\"name\\":\\"http.latency\\"');
    expect(python).toContain('{{"name":"http.latency"');
    expect(python).toContain('{random.randint(20, 100)}');
    expect(node).toMatch(/"value":\$\{ms\}/);
    expect(texts(['udp/graphite', '127.0.0.1:2003'])[0]).toMatch(
      /http\.latency;service=checkout .* -1/,
    );
  });

  it('take StatsD before others, and UDP before TCP', () => {
    expect(texts(['udp/influx', '127.0.0.1:1'], ['udp/statsd:2', '127.0.0.1:2'])[0]).toContain(
      '/2',
    );
    expect(texts(['tcp/statsd', '127.0.0.1:1'], ['udp/influx', '127.0.0.1:2'])[0]).toContain(
      '/udp/',
    );
    const [shell, python] = texts(['tcp/statsd', '[::1]:7']);
    expect(shell).toContain('/dev/tcp/::1/7');
    expect(python).toContain('AF_INET6, socket.SOCK_STREAM');
  });

  it('write over HTTP where no socket takes lines, and name no port of StatsD', () => {
    const all = texts(['http', '127.0.0.1:8080'], ['unixgram/statsd', '/run/weir.sock']);
    for (const text of all.slice(0, -1)) expect(text).toContain(`${ORIGIN}/api/v1/write`);
    for (const text of all) expect(text).not.toContain('8125');
  });

  it('are there for each tool; a StatsD client only where StatsD is listened for', () => {
    const names = (what: string) =>
      recipesFor([{ what, address: '127.0.0.1:1' }], ORIGIN).map(({ name }) => name);
    const all = ['Shell', 'Python', 'Node', 'Go', 'StatsD client', 'Telegraf'];
    expect(names('udp/statsd')).toEqual(all);
    expect(names('tcp/statsd')).toEqual(all);
    expect(names('udp/influx')).toEqual(all.filter((name) => name !== 'StatsD client'));
    expect(names('http')).toEqual(all.filter((name) => name !== 'StatsD client'));
  });

  it('speak Go, whatever the format', () => {
    const go = texts(['udp/json', '127.0.0.1:8127'])[3];
    expect(go).toContain('net.Dial("udp", "127.0.0.1:8127")');
    expect(go).toContain(
      'Fprintf(weir, `{"name":"http.latency","kind":"timer","value":%d,"tags":{"service":"checkout"}}`+"\\n", ms)',
    );
  });

  it('know the feeds among all listeners', () => {
    expect(
      feedsOf([
        { what: 'http', address: '127.0.0.1:8080' },
        { what: 'tcp/influx', address: '127.0.0.1:8094' },
        { what: 'unix/statsd', address: 'unix:/run/a.sock' },
      ]),
    ).toEqual([
      { transport: 'tcp', format: 'influx', address: '127.0.0.1:8094' },
      { transport: 'unix', format: 'statsd', address: 'unix:/run/a.sock' },
    ]);
  });
});
