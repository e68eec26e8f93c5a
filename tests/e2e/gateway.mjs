// Starts the real program on free ports, and speaks to it as a person's own tools would. Everything that was started is
// ended when the test process ends.
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PROGRAM = process.env.TESTS_PROGRAM ?? `${ROOT}/build/release/weir`;

/** Ours, without what would configure the gateway; nothing is kept on disk, so that none meets another's past. */
export const ENVIRONMENT = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WEIR_'))),
  WEIR_ARCHIVE_PATH: '',
};

const children = new Set();
function killChildren() {
  for (const child of children) child.kill('SIGKILL');
}
/** Ends what a failed test left running: a child, or a timer, keeps its test file from ending. For after(). */
export function endChildren() {
  killChildren();
  setTimeout(() => process.exit(), 5000).unref();
}
process.on('exit', killChildren);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** Starts a program; `text` grows with what it prints, `ended` gives its exit status or signal. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  const program = { child, pid: child.pid, out: '', err: '' };
  children.add(child);
  child.stdout.setEncoding('utf8').on('data', (text) => {
    program.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    program.err += text;
  });
  program.ended = once(child, 'close').then(([code, signal]) => {
    children.delete(child);
    return { code, signal };
  });
  return program;
}

/** Asks again until the answer is there; says what it waited for (a text, or who makes it) when it never is. */
export async function until(what, ask, { within = 15_000, every = 50 } = {}) {
  const deadline = Date.now() + within;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${within} ms in vain: ${typeof what === 'function' ? what() : what}`);
    await after(every);
  }
}

const FEEDS = '[{listen: "udp://127.0.0.1:0"}, {listen: "tcp://127.0.0.1:0"}, {host: {every: 1s}}]';

/**
 * A running gateway. `set` are further --set values; `config` the path of a file; `http` an address to take again;
 * `archive` its folder on disk: without one it keeps nothing, so that none meets another's past.
 */
export async function startGateway({ http = '127.0.0.1:0', set = [], config, pages, feeds = FEEDS, archive = '' } = {}) {
  const args = ['serve', '--set', `http.listen=${http}`, '--set', `feeds=${feeds}`, '--set', `archive.path=${archive}`];
  for (const setting of set) args.push('--set', setting);
  if (config) args.push('--config', config);
  if (pages) args.push('--pages', pages);
  const program = start(PROGRAM, args);
  let gone = false;
  program.ended.then(({ signal }) => {
    gone = true;
    if (!signal || signal === 'SIGKILL') return;
    process.exitCode = 1; // whatever the tests think of it
    console.error(`weir died of ${signal}: ${program.err}`);
  });
  await until('the start lines', () => {
    if (gone) throw new Error(`weir ended at its start: ${program.err}`);
    return program.out.includes('is running');
  });
  const address = (what) =>
    new RegExp(`^event=listening what=${what} address=(.*)$`, 'm').exec(program.out)?.[1];
  const gateway = {
    ...program,
    address,
    http: address('http'),
    url: `http://${address('http')}`,
    ws: `ws://${address('http')}/v1/ws`,
    get log() {
      return program.err;
    },
    /** Sends a signal and gives the exit status. */
    async stop(signal = 'SIGTERM') {
      program.child.kill(signal);
      return program.ended;
    },
    /** One datagram to the StatsD port. */
    async statsd(text) {
      const [host, port] = address('udp/statsd').split(':');
      const socket = dgram.createSocket('udp4');
      await new Promise((sent, failed) =>
        socket.send(text, Number(port), host, (fault) => (fault ? failed(fault) : sent())),
      );
      socket.close();
    },
    async get(path, options) {
      return fetch(`http://${address('http')}${path}`, options);
    },
    /** The value of one line of /metrics, by the text before it; undefined when it is not there. */
    async metric(series) {
      const page = await (await gateway.get('/metrics')).text();
      const line = page.split('\n').find((text) => text.startsWith(`${series} `));
      return line && Number(line.slice(series.length + 1));
    },
  };
  return gateway;
}

/** Bytes as they are to an address, and all that comes back until the peer's end, or until it is enough. */
export async function raw(address, bytes, enough) {
  const [host, port] = address.split(':');
  const socket = net.connect(Number(port), host);
  let answer = '';
  socket.setEncoding('latin1').on('data', (text) => {
    answer += text;
    if (enough?.test(answer)) socket.destroy();
  });
  socket.on('error', () => {}); // a reset is an end too
  const ended = new Promise((closed) => socket.once('close', closed));
  socket.write(bytes, 'latin1');
  await ended;
  return answer;
}

/** A WebSocket that keeps what came, parsed; `next` waits for a message that fits. */
export async function subscriber(url, first = []) {
  const socket = new WebSocket(url);
  const messages = [];
  const closed = once(socket, 'close').then(([event]) => ({ code: event.code, reason: event.reason }));
  socket.addEventListener('message', (event) => messages.push(JSON.parse(event.data)));
  await once(socket, 'open');
  for (const message of first) socket.send(JSON.stringify(message));
  return {
    socket,
    messages,
    closed,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: (what, fits, options) => until(what, () => messages.find(fits), { every: 5, ...options }),
    close: () => socket.close(),
  };
}

/** A port that was free a moment ago, for programs that cannot say which one they took. */
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
