// FirstRun: while nobody sent a metric: what to paste where, and what this gateway waits for.

import { useSignal } from '@preact/signals';
import type { Gateway, Status } from '../gateway.ts';

const DEFAULT_ADDRESS = '127.0.0.1:8125';

interface Recipe {
  name: string;
  text: (host: string, port: string) => string;
}

const RECIPES: Recipe[] = [
  {
    name: 'Shell',
    text: (host, port) => `# bash only: no tool to install. One timing a second for a minute.
for i in {1..60}; do
  echo "http.latency:$((20 + RANDOM % 80))|ms|#service:checkout" \\
    > /dev/udp/${host}/${port}
  sleep 1
done`,
  },
  {
    name: 'Python',
    text: (host, port) => `import random, socket, time

weir = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(60):
    line = f"http.latency:{random.randint(20, 100)}|ms|#service:checkout"
    weir.sendto(line.encode(), ("${host}", ${port}))
    time.sleep(1)`,
  },
  {
    name: 'Node',
    text: (host, port) => `const weir = require('node:dgram').createSocket('udp4').unref();
const timer = setInterval(() => {
  const ms = 20 + Math.floor(Math.random() * 80);
  weir.send(\`http.latency:\${ms}|ms|#service:checkout\`, ${port}, '${host}');
}, 1000);
setTimeout(() => clearInterval(timer), 60_000);`,
  },
];

function addressOf(status: Status | null, what: string): string | undefined {
  return status?.listeners.find((listener) => listener.what === what)?.address;
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

export function FirstRun({ gateway }: { gateway: Gateway }) {
  const tab = useSignal(0);
  const copied = useSignal('');
  const recipe = RECIPES[tab.value] as Recipe;
  const text = recipe.text(
    ...target(addressOf(gateway.status.value, 'udp/statsd') ?? DEFAULT_ADDRESS),
  );
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      copied.value = 'Copied';
    } catch {
      copied.value = 'Select and copy by hand';
    }
    setTimeout(() => {
      copied.value = '';
    }, 2000);
  };
  return (
    <section class="first" data-testid="first-run">
      <h1>Send your first metric</h1>
      <p class="lead">
        Paste this into a terminal on this machine. The chart appears here on its own; there is
        nothing to configure and no page to reload.
      </p>
      <div class="panels">
        <div class="panel recipe">
          <div class="tabs" role="tablist" aria-label="Send with">
            {RECIPES.map(({ name }, at) => (
              <button
                key={name}
                type="button"
                role="tab"
                aria-selected={at === tab.value}
                onClick={() => {
                  tab.value = at;
                }}
              >
                {name}
              </button>
            ))}
          </div>
          <button type="button" class="copy" data-testid="copy" onClick={copy}>
            {copied.value || 'Copy'}
          </button>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
          <pre data-testid="recipe" tabIndex={0}>
            {text}
          </pre>
        </div>
        <Checklist gateway={gateway} />
      </div>
    </section>
  );
}

function Checklist({ gateway }: { gateway: Gateway }) {
  const { status, link } = gateway;
  const udp = addressOf(status.value, 'udp/statsd');
  const tcp = addressOf(status.value, 'tcp/statsd');
  const connected = link.value.state === 'live' || link.value.state === 'slow';
  return (
    <div class="panel checklist">
      <h2>This gateway</h2>
      <ul>
        {udp && (
          <Check done title={`Listening on UDP ${udp}`} detail="StatsD and DogStatsD lines" />
        )}
        {tcp && (
          <Check
            done
            title={`Listening on TCP ${tcp}`}
            detail="The same lines, one after another"
          />
        )}
        <Check
          done={connected}
          title={connected ? 'Browser connected' : 'Connecting to the gateway'}
          detail={`WebSocket${link.value.detail && connected ? `, round trip ${link.value.detail}` : ''}`}
        />
        <Check title="Waiting for the first sample" detail="Its chart comes here by itself" />
      </ul>
    </div>
  );
}

function Check({ done, title, detail }: { done?: boolean; title: string; detail: string }) {
  return (
    <li class={done ? 'done' : 'waiting'}>
      <i aria-hidden="true">{done ? '✓' : ''}</i>
      <div>
        <b>{title}</b>
        <span>{detail}</span>
      </div>
    </li>
  );
}
