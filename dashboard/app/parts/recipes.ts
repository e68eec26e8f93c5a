// Recipes: what to paste to send a first metric to this gateway, by what it listens on: a UDP socket of any format,
// else a TCP one, else the write path of its own address; Telegraf writes there in any case. Pure.

export interface Listener {
  what: string; // "udp/statsd", "http"
  address: string; // "127.0.0.1:8125", or a path
}
export interface Recipe {
  name: string;
  text: string;
}
type Format = 'statsd' | 'influx' | 'graphite' | 'json';
export interface Feed {
  transport: 'udp' | 'tcp' | 'unixgram' | 'unix';
  format: Format;
  address: string;
}

/** The line of each format, with its number written as the language does it. */
const LINES: Record<Format, (value: string) => string> = {
  statsd: (value) => `http.latency:${value}|ms|#service:checkout`,
  influx: (value) => `http.latency,service=checkout value=${value}`,
  graphite: (value) => `http.latency;service=checkout ${value} -1`,
  json: (value) =>
    `{"name":"http.latency","kind":"timer","value":${value},"tags":{"service":"checkout"}}`,
};
const SHELL_NUMBER = '$((20 + RANDOM % 80))';

export const FORMAT_NAMES: Record<Format, string> = {
  statsd: 'StatsD and DogStatsD lines',
  influx: 'Influx line protocol',
  graphite: 'Graphite plaintext',
  json: 'A JSON object a line',
};

export function feedsOf(listeners: Listener[]): Feed[] {
  return listeners.flatMap(({ what, address }) => {
    const named = /^(udp|tcp|unixgram|unix)\/(statsd|influx|graphite|json)\b/.exec(what);
    if (!named) return [];
    return [{ transport: named[1] as Feed['transport'], format: named[2] as Format, address }];
  });
}

/** A socket on every address is reached on this one. */
function target(address: string): [host: string, port: string] {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[|\]$/g, '');
  return [
    host === '0.0.0.0' || host === '::' || host === '' ? '127.0.0.1' : host,
    address.slice(at + 1),
  ];
}

const shellText = (line: string) => `"${line.replaceAll('"', '\\"')}"`;
const pythonText = (format: Format) => {
  const line = LINES[format]('VALUE').replaceAll('{', '{{').replaceAll('}', '}}');
  return `f'${line.replace('VALUE', '{random.randint(20, 100)}')}'`;
};
const nodeText = (format: Format) => `\`${LINES[format](`$\{ms}`)}\``;

/** A line as Go's Fprintf takes it. */
const goText = (format: Format) => `\`${LINES[format]('%d')}\`+"\\n"`;

/** A program that sends for a minute; `open` makes `weir`, `send` says a number. */
function goProgram(imports: string[], open: string, send: string): string {
  const list = ['math/rand', 'time', ...imports].sort().map((name) => `\t"${name}"`);
  return `package main

import (
${list.join('\n')}
)

func main() {
${open}\tfor i := 0; i < 60; i++ {
\t\tms := 20 + rand.Intn(80)
${send}
\t\ttime.Sleep(time.Second)
\t}
}`;
}

function goSocket({ transport, format, address }: Feed): Recipe {
  const [host, port] = target(address);
  const at = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const open = `\tweir, err := net.Dial("${transport}", "${at}")
\tif err != nil {
\t\tpanic(err)
\t}
`;
  return {
    name: 'Go',
    text: goProgram(['fmt', 'net'], open, `\t\tfmt.Fprintf(weir, ${goText(format)}, ms)`),
  };
}

function goHttp(url: string): Recipe {
  const send = `\t\tline := fmt.Sprintf(${goText('statsd')}, ms)
\t\tanswer, err := http.Post("${url}", "text/plain", strings.NewReader(line))
\t\tif err != nil {
\t\t\tpanic(err)
\t\t}
\t\tanswer.Body.Close()`;
  return { name: 'Go', text: goProgram(['fmt', 'net/http', 'strings'], '', send) };
}

/** Of npm; others are set up alike. */
function clientRecipe({ transport, address }: Feed): Recipe {
  const [host, port] = target(address);
  return {
    name: 'StatsD client',
    text: `// npm install hot-shots; any other StatsD or DogStatsD client does as well.
const StatsD = require('hot-shots');

const weir = new StatsD({ host: '${host}', port: ${port}, protocol: '${transport}' });
const timer = setInterval(() => {
  weir.timing('http.latency', 20 + Math.floor(Math.random() * 80), { service: 'checkout' });
}, 1000);
setTimeout(() => {
  clearInterval(timer);
  weir.close();
}, 60_000);`,
  };
}

const telegrafRecipe = (origin: string): Recipe => ({
  name: 'Telegraf',
  text: `# weir.conf, then: telegraf --config weir.conf
[[inputs.cpu]]

[[outputs.influxdb]]
  urls = ["${origin}"]`,
});

function socketRecipes({ transport, format, address }: Feed): Recipe[] {
  const [host, port] = target(address);
  const udp = transport === 'udp';
  const family = host.includes(':') ? 'INET6' : 'INET';
  const shell = `# bash only: no tool to install. One timing a second for a minute.
for i in {1..60}; do
  echo ${shellText(LINES[format](SHELL_NUMBER))} \\
    > /dev/${transport}/${host}/${port}
  sleep 1
done`;
  const python = `import random, socket, time

weir = socket.socket(socket.AF_${family}, socket.SOCK_${udp ? 'DGRAM' : 'STREAM'})
weir.connect(("${host}", ${port}))
for _ in range(60):
    line = ${pythonText(format)}
    weir.sendall(line.encode() + b"\\n")
    time.sleep(1)`;
  const open = udp
    ? `require('node:dgram').createSocket('udp${host.includes(':') ? 6 : 4}').unref()`
    : `require('node:net').connect(${port}, '${host}').unref()`;
  const send = udp
    ? `weir.send(${nodeText(format)}, ${port}, '${host}')`
    : `weir.write(${nodeText(format)} + '\\n')`;
  const node = `const weir = ${open};
const timer = setInterval(() => {
  const ms = 20 + Math.floor(Math.random() * 80);
  ${send};
}, 1000);
setTimeout(() => clearInterval(timer), 60_000);`;
  return [
    { name: 'Shell', text: shell },
    { name: 'Python', text: python },
    { name: 'Node', text: node },
  ];
}

function httpRecipes(origin: string): Recipe[] {
  const url = `${origin}/api/v1/write`;
  const shell = `# One timing a second for a minute.
for i in {1..60}; do
  curl -d ${shellText(LINES.statsd(SHELL_NUMBER))} ${url}
  sleep 1
done`;
  const python = `import random, time, urllib.request

for _ in range(60):
    line = ${pythonText('statsd')}
    urllib.request.urlopen("${url}", line.encode())
    time.sleep(1)`;
  const node = `const timer = setInterval(() => {
  const ms = 20 + Math.floor(Math.random() * 80);
  fetch('${url}', { method: 'POST', body: ${nodeText('statsd')} });
}, 1000);
setTimeout(() => clearInterval(timer), 60_000);`;
  return [
    { name: 'Shell', text: shell },
    { name: 'Python', text: python },
    { name: 'Node', text: node },
  ];
}

/** StatsD first, then any format; UDP first, then TCP; `origin` is the page's own. */
export function recipesFor(listeners: Listener[], origin: string): Recipe[] {
  const feeds = feedsOf(listeners);
  const best = (transport: string) => {
    const fitting = feeds.filter((feed) => feed.transport === transport);
    return fitting.find(({ format }) => format === 'statsd') ?? fitting[0];
  };
  const feed = best('udp') ?? best('tcp');
  const telegraf = telegrafRecipe(origin);
  if (!feed) return [...httpRecipes(origin), goHttp(`${origin}/api/v1/write`), telegraf];
  const client = feed.format === 'statsd' ? [clientRecipe(feed)] : [];
  return [...socketRecipes(feed), goSocket(feed), ...client, telegraf];
}
