// Other people's WebSocket clients, with and without permessage-deflate: Node's own (undici), npm's ws, Python's
// websockets and Chromium, against the gateway and against ws_echo, which is the same engine.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openPage, startBrowser } from './browser.mjs';
import { endChildren, PROGRAM, ROOT, start, startGateway, subscriber, until } from './gateway.mjs';

const { WebSocket: NpmWebSocket } = createRequire(`${ROOT}/dashboard/package.json`)('ws');
const limit = { timeout: 60_000 };
const ECHO = path.join(path.dirname(PROGRAM), 'tests/ws_echo');
const MESSAGE_MAX = 4 << 20;
const RICH = { metric: 'system.cpu.utilization', by: ['mode'], stats: ['count', 'last', 'max', 'mean', 'min', 'p50', 'p99'] };

let gateway;
let echo;
before(async () => {
  gateway = await startGateway();
  echo = start(ECHO, ['--port', '0', '--max-message', String(MESSAGE_MAX)]);
  echo.address = await until('the start line of ws_echo', () => /address=(.*)\n/.exec(echo.out)?.[1]);
});
after(async () => {
  await gateway?.stop();
  echo?.child.kill('SIGTERM');
});

/** Runs Python with Debian's packages; gives what it printed. */
async function python(script, ...args) {
  const program = start('/usr/bin/python3', ['-c', script, ...args]);
  const { code } = await program.ended;
  assert.equal(code, 0, program.err);
  return program.out.trim();
}

test('undici agrees to deflate and gets its messages back from ws_echo', limit, async () => {
  const socket = new WebSocket(`ws://${echo.address}/`);
  socket.binaryType = 'arraybuffer';
  await once(socket, 'open');
  assert.match(socket.extensions, /^permessage-deflate/);
  const bytes = new Uint8Array(70_000).map((_, i) => (i * i) % 251);
  for (const message of ['', 'a', 'Größe '.repeat(30_000), bytes]) {
    socket.send(message);
    const [{ data }] = await once(socket, 'message');
    if (typeof message === 'string') assert.equal(data, message);
    else assert.deepEqual(new Uint8Array(data), message);
  }
  socket.close(3001, 'enough');
  const [closed] = await once(socket, 'close');
  assert.equal(closed.code, 3001);
  assert.equal(closed.wasClean, true);
});

test('undici reads deflated frames of the gateway', limit, async () => {
  const before = await gateway.metric('weir_frames_sent_deflated_total');
  const peer = await subscriber(gateway.ws, [{ t: 'sub', id: 1, q: RICH, rate: '250ms' }]);
  assert.match(peer.socket.extensions, /^permessage-deflate/);
  const snap = await peer.next('snap', (m) => m.t === 'snap');
  const news = await peer.next('u', (m) => m.t === 'u' && m.c?.length === RICH.stats.length);
  assert.equal(news.ch, snap.ch);
  assert.ok((await gateway.metric('weir_frames_sent_deflated_total')) > before);
  assert.ok((await gateway.metric('weir_deflate_saved_bytes_total')) > 0);
  peer.close();
});

test('undici is told no where http.deflate is off', limit, async () => {
  const plain = await startGateway({ set: ['http.deflate=off'] });
  const peer = await subscriber(plain.ws, [{ t: 'sub', id: 1, q: RICH, rate: '250ms' }]);
  assert.equal(peer.socket.extensions, '');
  await peer.next('u', (m) => m.t === 'u' && m.c?.length === RICH.stats.length);
  assert.equal(await plain.metric('weir_frames_sent_deflated_total'), 0);
  peer.close();
  await plain.stop();
});

for (const perMessageDeflate of [true, false]) {
  test(`npm's ws gets its messages back from ws_echo, perMessageDeflate ${perMessageDeflate}`, limit, async () => {
    const socket = new NpmWebSocket(`ws://${echo.address}/`, { perMessageDeflate });
    await once(socket, 'open');
    assert.equal(socket.extensions.startsWith('permessage-deflate'), perMessageDeflate);
    for (const message of ['', 'Größe '.repeat(30_000), Buffer.alloc(70_000, 'abc')]) {
      socket.send(message);
      const [data, isBinary] = await once(socket, 'message');
      assert.equal(isBinary, typeof message !== 'string');
      assert.ok(Buffer.from(message).equals(data));
    }
    for (const [part, fin] of [['frag', false], ['ment', false], ['ed', true]]) socket.send(part, { fin });
    assert.equal(String((await once(socket, 'message'))[0]), 'fragmented');
    socket.ping('still there?');
    assert.equal(String((await once(socket, 'pong'))[0]), 'still there?');
    socket.close(3001, 'enough');
    assert.equal((await once(socket, 'close'))[0], 3001);
  });
}

const PYTHON = `
import asyncio, json, sys, websockets
address, path, what, compression = sys.argv[1:5]
async def main():
    async with websockets.connect(f"ws://{address}{path}", max_size=None,
                                  compression="deflate" if compression == "on" else None) as socket:
        assert bool(socket.extensions) == (compression == "on"), socket.extensions
        if what == "echo":
            for message in ("", "a", "Größe " * 100_000, b"\\x00\\xff" * 500_000, ["one", "two", "three"]):
                await socket.send(message)
                assert await socket.recv() == ("".join(message) if isinstance(message, list) else message)
            await (await socket.ping(b"hello"))
            return
        await socket.send(json.dumps({"t": "sub", "id": 1, "rate": "250ms", "q": json.loads(sys.argv[5])}))
        kinds = []
        while "u" not in kinds:
            kinds.append(json.loads(await socket.recv())["t"])
        assert kinds[:2] == ["subd", "snap"], kinds
asyncio.run(main())
print("good")
`;

for (const compression of ['on', 'off']) {
  test(`Python's websockets, deflate ${compression}, gets its messages back from ws_echo`, limit, async () => {
    assert.equal(await python(PYTHON, echo.address, '/any/path', 'echo', compression), 'good');
  });
  test(`Python's websockets, deflate ${compression}, subscribes`, limit, async () => {
    assert.equal(await python(PYTHON, gateway.http, '/v1/ws', 'sub', compression, JSON.stringify(RICH)), 'good');
  });
}

test('Chromium agrees to deflate and shows what came by it', limit, async () => {
  const browser = await startBrowser();
  try {
    const { page, faults } = await openPage(browser, gateway.url);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Network.enable');
    const answers = [];
    devtools.on('Network.webSocketHandshakeResponseReceived', ({ response }) => answers.push(response.headers));
    await page.goto(gateway.url);
    await page.locator('[data-testid=card] [data-testid=value]').first().waitFor();
    const headers = await until('the handshake', () => answers[0]);
    const extensions = Object.entries(headers).find(([name]) => name.toLowerCase() === 'sec-websocket-extensions');
    assert.match(extensions?.[1] ?? '', /^permessage-deflate; .*no_context_takeover/);
    // The cards' own messages are too short to be worth it; these are not.
    const before = await gateway.metric('weir_frames_sent_deflated_total');
    const news = await page.evaluate(
      ({ url, q }) =>
        new Promise((got, failed) => {
          const socket = new WebSocket(url);
          socket.onopen = () => socket.send(JSON.stringify({ t: 'sub', id: 1, rate: '250ms', q }));
          socket.onclose = failed;
          socket.onmessage = ({ data }) => {
            const message = JSON.parse(data);
            if (message.t === 'u' && message.c?.[0]?.length > 1) got(message);
          };
        }),
      { url: gateway.ws, q: RICH },
    );
    assert.equal(news.c.length, RICH.stats.length);
    assert.ok((await gateway.metric('weir_frames_sent_deflated_total')) > before);
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
  }
});

after(endChildren);
