// For work on the dashboard: serves ../build/dashboard as the gateway would, and hands everything else (API, WebSocket,
// pages) to a running gateway, so that C++ need not be built to see a change.
//
//   npm run dev -- 127.0.0.1:8080 [port]
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { extname, join, normalize } from 'node:path';

const [target = '127.0.0.1:8080', port = '8090'] = process.argv.slice(2);
const [host, targetPort] = target.split(':');
const built = join(import.meta.dirname, '../../build/dashboard');
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "font-src 'self'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; frame-ancestors 'self'";

function file(url: string): { bytes: Buffer; type: string } | null {
  const path = normalize(new URL(url, 'http://x').pathname);
  const name = /^\/(health|explore|boards(\/.*)?)?$/.test(path) ? '/index.html' : path;
  try {
    return { bytes: readFileSync(join(built, name)), type: types[extname(name)] ?? 'text/plain' };
  } catch {
    return null;
  }
}

/** The gateway refuses other hosts and origins than its own. */
function headersFor({ headers }: IncomingMessage): Record<string, string | string[]> {
  const { origin, ...rest } = headers;
  const own = origin ? { origin: `http://${target}` } : {};
  return { ...(rest as Record<string, string>), host: target, ...own };
}

const server = createServer((asked, answer) => {
  const found = file(asked.url ?? '/');
  if (found) {
    answer.writeHead(200, { 'Content-Type': found.type, 'Content-Security-Policy': policy });
    answer.end(found.bytes);
    return;
  }
  const { url, method } = asked;
  const options = { host, port: targetPort, path: url, method, headers: headersFor(asked) };
  const onward = request(options, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers);
    got.pipe(answer);
  });
  onward.on('error', () => answer.writeHead(502).end());
  asked.pipe(onward);
});

server.on('upgrade', (asked, socket) => {
  const onward = connect(Number(targetPort), host, () => {
    const lines = Object.entries(headersFor(asked)).map(([name, value]) => `${name}: ${value}`);
    onward.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    socket.pipe(onward).pipe(socket);
  });
  onward.on('error', () => socket.destroy());
  socket.on('error', () => onward.destroy());
});

server.listen(Number(port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${port}/ in front of ${target}`);
});
