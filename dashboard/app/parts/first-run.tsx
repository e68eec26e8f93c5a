// FirstRun: while nobody sent a metric: what to paste where, and what this gateway waits for.

import { useSignal } from '@preact/signals';
import type { Gateway } from '../gateway.ts';
import { FORMAT_NAMES, feedsOf, recipesFor } from './recipes.ts';

export function FirstRun({ gateway }: { gateway: Gateway }) {
  const tab = useSignal(0);
  const copied = useSignal('');
  const status = gateway.status.value;
  // Until the gateway has said where it listens there is nothing true to paste.
  const recipes = recipesFor(status?.listeners ?? [], location.origin);
  const text = status ? (recipes[tab.value]?.text ?? '') : '';
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
            {recipes.map(({ name }, at) => (
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
