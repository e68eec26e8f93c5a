// Event streams as the tools of others read them: curl, and EventSource.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { endChildren, start, startGateway, until } from './gateway.mjs';

const limit = { timeout: 60_000 };
let gateway;
before(async () => {
  gateway = await startGateway();
});
after(async () => {
  await gateway?.stop();
  endChildren();
});

const query = encodeURIComponent(JSON.stringify({ metric: 'system.cpu.utilization', by: ['mode'] }));
const url = () => `${gateway.url}/v1/stream?q=${query}&rate=250ms`;

/** The events of a stream's text, the last one left out while it is not whole. */
const events = (text) =>
  text
    .split('\n\n')
    .slice(0, -1)
    .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s, 2))))
    .map(({ data, ...event }) => ({ ...event, ...JSON.parse(data) }));

async function curl(headers, enough) {
  const program = start('curl', ['-sN', ...headers.flatMap((line) => ['-H', line]), url()]);
  const seen = await until(() => `events from curl: ${program.out}${program.err}`, () => {
    const all = events(program.out);
    return enough(all) && all;
  });
  program.child.kill();
  await program.ended;
  return seen;
}

test('curl -N shows subd, snap and then u, and goes on where it stood', limit, async () => {
  const first = await curl([], (all) => all.filter(({ t }) => t === 'u').length >= 3);
  assert.deepEqual(first.slice(0, 3).map(({ t }) => t), ['subd', 'snap', 'u']);
  const { id, s } = first.at(-1);
  assert.match(id, /^[^;]+;\d+\.\d+$/);
  const again = await curl([`Last-Event-ID: ${id}`], (all) => all.length >= 3);
  assert.equal(again[0].mode, 'replay');
  assert.deepEqual(again.slice(1, 3).map((event) => event.s), [s + 1, s + 2]);
});

test('EventSource reads it, and history comes before the snapshot', limit, async () => {
  const script = `
    const stream = new EventSource(${JSON.stringify(`${url()}&history=5s`)});
    stream.onmessage = ({ data, lastEventId }) => console.log(JSON.parse(data).t, lastEventId);`;
  const program = start(process.execPath, ['--experimental-eventsource', '--no-warnings', '-e', script]);
  const lines = await until(() => `messages: ${program.out}${program.err}`, () => {
    const all = program.out.trim().split('\n');
    return all.some((line) => line.startsWith('u ')) && all;
  });
  program.child.kill();
  await program.ended;
  const types = lines.map((line) => line.split(' ')[0]);
  assert.equal(types[0], 'subd');
  assert.equal(types[1], 'range');
  assert.ok(types.indexOf('snap') < types.indexOf('u'));
  assert.match(lines.find((line) => line.startsWith('u ')), /;\d+\.\d+$/);
});
