// Our WebSocket client against other people's servers (Python's websockets, npm's ws), with and without
// permessage-deflate and TLS, and the tools that stand on it: weir tail and weir bench.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { ENVIRONMENT, endChildren, PROGRAM, ROOT, start, startGateway, until } from './gateway.mjs';

const { WebSocketServer } = createRequire(`${ROOT}/dashboard/package.json`)('ws');
const ECHO = path.join(path.dirname(PROGRAM), 'tests/ws_echo');
const limit = { timeout: 60_000 };
after(endChildren);

const MESSAGES = ['', 'a', 'Größe '.repeat(20_000), Buffer.alloc(0), Buffer.from([...Array(70_000).keys()].map((i) => i % 251))];

// ---- Python's websockets ----

const PYTHON = `
import asyncio, sys, websockets
compression = sys.argv[1] if sys.argv[1] != "none" else None
async def main():
    told = asyncio.get_running_loop().create_future()
    async def serve(socket, path=None):
        try:
            for message in ["", "a", "Gr\\u00f6\\u00dfe " * 20000, b"", bytes(i % 251 for i in range(70000))]:
                await socket.send(message)
                assert await socket.recv() == message
            await socket.send(iter(["frag", "ment", "ed"]))
            assert await socket.recv() == "fragmented"
            await (await socket.ping(b"still there?"))
            names = [type(one).__name__ for one in socket.extensions]
            await socket.close(3001, "enough")
            told.set_result((names, socket.close_code))
        except Exception as fault:
            told.set_exception(fault)
    async with websockets.serve(serve, "127.0.0.1", 0, compression=compression, max_size=None) as server:
        print("port", server.sockets[0].getsockname()[1], flush=True)
        print(*await told, flush=True)
asyncio.run(main())
`;

for (const compression of ['deflate', 'none']) {
  test(`ws_echo as a client gives Python's websockets its messages back, compression ${compression}`, limit, async () => {
    const server = start('/usr/bin/python3', ['-c', PYTHON, compression]);
    const port = await until('the port', () => /^port (\d+)$/m.exec(server.out)?.[1]);
    const echo = start(ECHO, ['--connect', `ws://127.0.0.1:${port}/`]);
    assert.deepEqual(await server.ended, { code: 0, signal: null }, server.err);
    assert.match(server.out, compression === 'deflate' ? /\['PerMessageDeflate'\] 3001/ : /\[\] 3001/);
    assert.deepEqual(await echo.ended, { code: 0, signal: null }, echo.err);
    assert.equal(echo.out, 'event=closed messages=6 code=3001 clean=true why="the server closed with 3001: enough"\n');
  });
}

// ---- npm's ws ----

/** Talks to one client as a server would, and closes; gives the extensions that were agreed. */
async function talk(server) {
  const [socket] = await once(server, 'connection');
  for (const message of MESSAGES) {
    socket.send(message);
    const [data, isBinary] = await once(socket, 'message');
    assert.equal(isBinary, typeof message !== 'string');
    assert.deepEqual(isBinary ? data : data.toString(), message);
  }
  socket.send('frag', { fin: false });
  socket.ping('in between');
  socket.send('mented', { fin: true });
  const [[pong], [joined]] = await Promise.all([once(socket, 'pong'), once(socket, 'message')]);
  assert.equal(pong.toString(), 'in between');
  assert.equal(joined.toString(), 'fragmented');
  const { extensions } = socket;
  socket.close(3001, 'enough');
  const [code] = await once(socket, 'close');
  assert.equal(code, 3001);
  return extensions;
}

for (const perMessageDeflate of [true, false, { threshold: 0 }]) {
  test(`ws_echo as a client gives npm's ws its messages back, deflate ${JSON.stringify(perMessageDeflate)}`, limit, async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate });
    await once(server, 'listening');
    const talked = talk(server);
    const echo = start(ECHO, ['--connect', `ws://127.0.0.1:${server.address().port}/`]);
    assert.match(await talked, perMessageDeflate ? /permessage-deflate/ : /^$/);
    assert.deepEqual(await echo.ended, { code: 0, signal: null }, echo.out);
    server.close();
  });
}

test("ws_echo as a client does not offer deflate when told so, and closes first after its count", limit, async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: true });
  await once(server, 'listening');
  const echo = start(ECHO, ['--connect', `ws://127.0.0.1:${server.address().port}/`, '--deflate', 'off', '--count', '2']);
  const [socket, request] = await once(server, 'connection');
  assert.equal(request.headers['sec-websocket-extensions'], undefined);
  socket.send('one');
  socket.send('two');
  const [code] = await once(socket, 'close');
  assert.equal(code, 1000);
  assert.deepEqual(await echo.ended, { code: 0, signal: null });
  assert.match(echo.out, /messages=2 code=1000 clean=true why="closed by us"/);
  server.close();
});

test("ws_echo as a client speaks TLS to npm's ws, and only to a certificate it trusts", limit, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weir-e2e-'));
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
  execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
  ], { stdio: 'ignore' });
  const secure = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) });
  const server = new WebSocketServer({ server: secure, perMessageDeflate: true });
  secure.listen(0, '127.0.0.1');
  await once(secure, 'listening');
  const url = `wss://localhost:${secure.address().port}/`;
  const talked = talk(server);
  const echo = start(ECHO, ['--connect', url, '--ca', cert]);
  assert.match(await talked, /permessage-deflate/);
  assert.deepEqual(await echo.ended, { code: 0, signal: null }, echo.out);
  const stranger = start(ECHO, ['--connect', url]);
  assert.deepEqual(await stranger.ended, { code: 1, signal: null });
  assert.match(stranger.out, /why="TLS failed: certificate verify failed: self-signed certificate"/);
  server.close();
  secure.close();
  rmSync(folder, { recursive: true });
});

// ---- weir tail ----

const lines = (program) => program.out.split('\n').slice(0, -1).map((line) => JSON.parse(line));

test('weir tail writes a line of JSON for each row and window, and Ctrl-C ends it with 0', limit, async () => {
  const gateway = await startGateway();
  const tail = start(PROGRAM, ['tail', 'system.cpu.*', '--stats', 'last,max', '--url', gateway.address('http')]);
  await until('two windows', () => new Set(lines(tail).map((line) => line.time)).size > 1);
  for (const line of lines(tail)) {
    assert.match(line.metric, /^system\.cpu\./);
    assert.deepEqual(Object.keys(line.stats).sort(), ['last', 'max']);
    assert.equal(line.window, 10_000);
  }
  tail.child.kill('SIGINT');
  assert.deepEqual(await tail.ended, { code: 0, signal: null });
  assert.match(tail.err, /^(weir tail: no series matches system\.cpu\.\* yet .*\n)?$/); // it may come before the first reading
  await gateway.stop();
});

test('weir tail says in a sentence that nobody listens, and goes on when somebody does', limit, async () => {
  const first = await startGateway();
  const address = first.address('http');
  const tail = start(PROGRAM, ['tail', 'system.**', '--url', address, '--stats', 'last']);
  await until('lines', () => lines(tail).length > 0);
  await first.stop();
  await until('the sentence', () => tail.err.includes('; trying again\n'));
  assert.match(tail.err, /^weir tail: the server closed with 1001 \(going away\).*; trying again\n/);
  const before = lines(tail).length;
  const second = await startGateway({ http: address });
  await until(() => `more lines; it said ${tail.err}`, () => lines(tail).length > before, { within: 40_000 });
  assert.match(tail.err, /weir tail: connected\n$/);
  tail.child.kill('SIGTERM');
  assert.equal((await tail.ended).code, 0);
  await second.stop();
});

test('weir tail ends quietly when its reader has gone', limit, async () => {
  const gateway = await startGateway();
  const child = spawn('/bin/sh', ['-c', `"$0" tail 'system.**' --url ${gateway.address('http')} | head -n 1`, PROGRAM], {
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  assert.equal(err, '');
  assert.ok(JSON.parse(out).metric.startsWith('system.'));
  await gateway.stop();
});

const TERMINAL = `
import fcntl, os, pty, select, signal, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 60, 0, 0))
seen, asked = b"", False
while True:
    select.select([terminal], [], [], 20)
    try:
        some = os.read(terminal, 65536)
    except OSError:
        break
    seen += some
    if not asked and seen.count(b"@metric") >= 3:
        os.kill(pid, signal.SIGINT)
        asked = True
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

test('weir tail draws a table on a terminal, within its width, and gives the terminal back', limit, async () => {
  const gateway = await startGateway();
  const url = gateway.address('http');
  const program = start('/usr/bin/python3', ['-c', TERMINAL, PROGRAM, 'tail', 'system.**', '--stats', 'last,max', '--url', url]);
  assert.deepEqual(await program.ended, { code: 0, signal: null });
  const [begin, end] = ['\x1b[?1049h\x1b[?25l', '\x1b[?25h\x1b[?1049l'];
  assert.ok(program.out.startsWith(begin), JSON.stringify(program.out.slice(0, 100)));
  assert.equal(program.out.split(begin).length, 2);
  const [screens, left] = program.out.split(end);
  const last = screens.split('\x1b[H').at(-1);
  const rows = last.replaceAll('\x1b[K', '').replaceAll('\x1b[J', '').split('\r\n');
  assert.ok(rows.length <= 10, last);
  for (const row of rows) assert.ok([...row].length <= 60, row);
  const [, count] = /^system\.\*\* {2}window of 10 s to \d\d:\d\d:\d\d {2}(\d+) rows$/.exec(rows[0]);
  assert.match(rows[1], /@metric +max +last$/);
  if (rows.length - 2 !== Number(count)) assert.equal(rows.at(-1), `${count - (rows.length - 3)} more rows`);
  assert.equal(left.trimEnd().split('\r\n').length, rows.length); // the last table stays to be read
  await gateway.stop();
});

test('weir tail --once ends with 1 and one sentence when nobody listens', limit, async () => {
  const tail = start(PROGRAM, ['tail', 'm', '--url', '127.0.0.1:1', '--once']);
  assert.deepEqual(await tail.ended, { code: 1, signal: null });
  assert.equal(tail.err, 'weir tail: cannot connect to 127.0.0.1:1: connection refused\n');
});

// ---- weir bench ----

test('weir bench measures the engine and a crowd, silent and read, with and without deflate', limit, async () => {
  const bench = start(PROGRAM, ['bench', '--connections', '200', '--seconds', '1']);
  const { code } = await bench.ended;
  assert.equal(code, 0, bench.err);
  assert.equal(bench.err, '');
  assert.match(bench.out, /^the engine, one core +ns each +GB\/s\n/);
  assert.match(bench.out, /^unmask 16 KiB +[\d.]+ +[\d.]+$/m);
  const [titles, numbers] = bench.out.trim().split('\n').slice(-2).map((line) => line.trim().split(/ {2,}/));
  const told = Object.fromEntries(titles.map((title, i) => [title, Number(numbers[i])]));
  assert.equal(told.subscribers, 200);
  for (const title of ['idle each, KiB', 'with deflate, KiB'])
    assert.ok(told[title] < 32, bench.out); // no ring of updates, no compressor
  assert.ok(told['messages/s'] > 0, bench.out);
});

test('weir bench fanout measures a Weir beside a bare loop and judges nothing when it is quick', limit, async () => {
  const bench = start(PROGRAM, ['bench', 'fanout', '--quick', '--only', 'cost,bytes', '--json']);
  const { code } = await bench.ended;
  assert.equal(code, 0, bench.err);
  const told = JSON.parse(bench.out);
  assert.equal(told.quick, true);
  assert.deepEqual(told.numbers.map((number) => number.key), ['cost', 'deflate', 'streams', 'bytes']);
  for (const number of told.numbers) {
    assert.ok(number.measured > 0 && number.goal > 0, JSON.stringify(number));
    assert.equal(number.met, number.measured <= number.goal);
  }
});

test('the Weir of a bench ends with it, also when nobody can end it in order', limit, async () => {
  const bench = start(PROGRAM, ['bench', 'fanout', '--quick', '--only', 'bytes', '--json']);
  // All its children, by /proc: the Weir, and whoever else serves it.
  const children = () => readFileSync(`/proc/${bench.pid}/task/${bench.pid}/children`, 'utf8').split(' ').filter(Boolean);
  const weir = (pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('serve');
  await until('its Weir', () => children().some(weir));
  const before = children();
  bench.child.kill('SIGKILL');
  await bench.ended;
  const lives = (pid) => existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  await until(() => `the end of ${before.filter(lives)}`, () => !before.some(lives));
});
