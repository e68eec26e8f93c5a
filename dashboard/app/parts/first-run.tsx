// FirstRun: while nobody sent a metric: what to paste where, and what this gateway waits for.

import { usePolled } from '../ask.ts';
import { oneLine } from '../events.ts';
import type { Gateway } from '../gateway.ts';
import { reasonOf } from '../health/reasons.ts';
import { placeOf, REJECTED_PATH, type RejectedAnswer } from '../health/rejected.ts';
import { DemoStart } from './demo-data.tsx';
import { FORMAT_NAMES, feedsOf, recipesFor } from './recipes.ts';
import { Snippets } from './snippets.tsx';
import './first-run.css';

export function FirstRun({ gateway }: { gateway: Gateway }) {
  const status = gateway.status.value;
  // Until the gateway has said where it listens there is nothing true to paste.
  const recipes = recipesFor(status?.listeners ?? [], location.origin).map(({ name, text }) => ({
    name,
    text: status ? text : '',
  }));
  return (
    <section class="first" data-testid="first-run">
      <h1>Send your first metric</h1>
      <p class="lead">
        Paste this into a terminal on this machine. The chart appears here on its own; there is
        nothing to configure and no page to reload.
      </p>
      <div class="panels">
        <div class="panel recipe">
          <Snippets
            label="Send with"
            snippets={recipes}
            testid={{ copy: 'copy', text: 'recipe' }}
          />
        </div>
        <Checklist gateway={gateway} />
      </div>
      <DemoStart gateway={gateway} />
    </section>
  );
}

const REJECTED_EVERY_MS = 1000;
const LINE_CHARACTERS = 120;

const TRANSPORTS = { udp: 'UDP', tcp: 'TCP', unixgram: 'a Unix socket,', unix: 'a Unix socket,' };

function Checklist({ gateway }: { gateway: Gateway }) {
  const { status, link } = gateway;
  const feeds = feedsOf(status.value?.listeners ?? []);
  const connected = link.value.state === 'live' || link.value.state === 'slow';
  return (
    <div class="panel checklist">
      <h2>This gateway</h2>
      <ul>
        {feeds.map(({ transport, format, address }) => (
          <Check
            key={`${transport}/${format}/${address}`}
            done
            title={`Listening on ${TRANSPORTS[transport]} ${address}`}
            detail={FORMAT_NAMES[format]}
          />
        ))}
        {status.value && (
          <Check
            done
            title={`Writes over HTTP at ${location.origin}/api/v1/write`}
            detail="Every format; Telegraf and other Influx clients, too"
          />
        )}
        <Check
          done={connected}
          title={connected ? 'Browser connected' : 'Connecting to the gateway'}
          detail={`WebSocket${link.value.detail && connected ? `, round trip ${link.value.detail}` : ''}`}
        />
        <Check title="Waiting for the first sample" detail="Its chart comes here by itself" />
        <BadLine />
      </ul>
    </div>
  );
}

/** Whoever sends for the first time may send what cannot be read: the newest such line, and why. */
function BadLine() {
  const [line] = usePolled<RejectedAnswer>(REJECTED_PATH, REJECTED_EVERY_MS)?.items ?? [];
  if (!line) return null;
  const { meaning } = reasonOf(line.reason);
  return (
    <li class="bad" data-testid="bad-line">
      <i aria-hidden="true">▲</i>
      <div>
        <b>A line was rejected: {meaning || line.reason}</b>
        <code>
          <bdi>{oneLine(line.text, LINE_CHARACTERS)}</bdi>
        </code>
        <span>
          {line.reason}, {placeOf(line)}, on {line.feed}
        </span>
      </div>
    </li>
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
