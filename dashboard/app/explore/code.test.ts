// The code that is copied is a shell's and a program's: nothing that a metric or a tag is called may change what it does.
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { snippetsOf } from './code.ts';
import type { Asked } from './shown.ts';

const asked = (more: Partial<Asked> = {}): Asked => ({
  metric: 'http.latency',
  kind: 'timer',
  where: [],
  by: ['route'],
  stat: 'p99',
  windowMs: 10_000,
  stepMs: 1000,
  spanMs: 300_000,
  at: 1_764_000_000_000,
  limit: 0,
  ...more,
});
const place = { origin: 'http://127.0.0.1:8080', token: false };
const textOf = (name: string, more: Partial<Asked> = {}, token = false) =>
  snippetsOf(asked(more), { ...place, token }).find((one) => one.name === name)?.text ?? '';

/** The words that a shell makes of it, `program` being what it would run. */
function wordsOf(text: string, program: string): string[] {
  const script = `${program}() { printf '%s\\0' "$@"; }\n${text}`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}
const optionOf = (words: string[], option: string) => words[words.indexOf(option) + 1];
const HOSTILE = `a'b "$(id)" \`id\` $HOME \\ ;|&\n=x,y`;

describe('the curl command', () => {
  it('asks for the very view', () => {
    const words = wordsOf(textOf('curl'), 'curl');
    expect(words[1]).toBe('http://127.0.0.1:8080/api/v1/query_range');
    expect(words).toContain('start=1763999700000');
    expect(words).toContain('end=1764000000000');
    expect(words).toContain('step=1s');
    expect(JSON.parse(optionOf(words, '--data-urlencode')?.slice(2) ?? '')).toEqual({
      metric: 'http.latency',
      by: ['route'],
      window: '10s',
      slide: '1s',
      stats: ['p99'],
    });
  });

  it('follows the clock where the view does', () => {
    const words = wordsOf(textOf('curl', { at: 'live' }), 'curl');
    const start = Number(words.find((word) => word.startsWith('start='))?.slice(6));
    expect(Math.abs(Date.now() - 300_000 - start)).toBeLessThan(5000);
    expect(words.some((word) => word.startsWith('end='))).toBe(false);
  });

  it('shows a token of the environment, and writes none down', () => {
    expect(textOf('curl', {}, true)).toContain('-H "Authorization: Bearer $WEIR_TOKEN"');
    expect(textOf('curl')).not.toContain('Authorization');
  });

  it('passes hostile names on as they are', () => {
    const where: Asked['where'] = [[HOSTILE, 'in', [HOSTILE, "'"]]];
    const words = wordsOf(textOf('curl', { metric: HOSTILE, where, by: [HOSTILE] }), 'curl');
    const query = JSON.parse(optionOf(words, '--data-urlencode')?.slice(2) ?? '');
    expect(query).toMatchObject({ metric: HOSTILE, where, by: [HOSTILE] });
  });
});

describe('the command line', () => {
  it('asks for the very view', () => {
    expect(wordsOf(textOf('Command line', { where: [['env', '=', 'prod']] }), 'weir')).toEqual(
      'query http.latency --by route --where env=prod --stats p99 --window 10s --slide 1s --last 5m --step 1s --end 1764000000000 --url http://127.0.0.1:8080'.split(
        ' ',
      ),
    );
  });

  it('writes a matcher short where that is exact', () => {
    const whereOf = (matcher: Asked['where'][number]) =>
      optionOf(wordsOf(textOf('Command line', { where: [matcher] }), 'weir'), '--where');
    expect(whereOf(['env', 'in', ['prod', 'eu-1']])).toBe('env in prod,eu-1');
    // `~x` behind `=` would be a regular expression, a comma another value.
    for (const value of ['~x', 'a,b', ' a', HOSTILE, ''])
      expect(JSON.parse(whereOf(['env', '=', value]) ?? '')).toEqual(['env', '=', value]);
    expect(JSON.parse(whereOf(['env', 'in', ['a,b']]) ?? '')).toEqual(['env', 'in', ['a,b']]);
    expect(JSON.parse(whereOf(['a=b', '=', 'c']) ?? '')).toEqual(['a=b', '=', 'c']);
  });

  it('takes a metric that looks like an option for none', () => {
    const words = wordsOf(textOf('Command line', { metric: '--url' }), 'weir');
    expect(words.slice(-2)).toEqual(['--', '--url']);
    expect(words.slice(0, 3)).toEqual(['query', '--by', 'route']);
  });

  it('passes hostile names on as they are', () => {
    expect(wordsOf(textOf('Command line', { metric: HOSTILE }), 'weir')[1]).toBe(HOSTILE);
  });
});

describe('the JavaScript', () => {
  it('is a program, whatever the names are', () => {
    for (const at of ['live', 1_764_000_000_000] as const) {
      const text = textOf('JavaScript', { metric: HOSTILE, by: [HOSTILE], at });
      const body = text.replace(/^import .*$/m, '');
      expect(() => new Function(`return async () => {${body}}`)).not.toThrow();
      expect(text).toContain(`"metric": ${JSON.stringify(HOSTILE)}`);
    }
  });
});
