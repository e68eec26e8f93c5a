// SubscribersPanel: who reads: how many, who fell behind and what that cost him, and which queries cost this gateway most.

import { showText } from '../units.ts';
import { exact } from './ledgers.ts';
import type { SlowReader, StreamCost } from './subscribers.ts';

interface Props {
  connections: number;
  slow: readonly SlowReader[];
  streams: readonly StreamCost[];
}

export function SubscribersPanel({ connections, slow, streams }: Props) {
  return (
    <section class="panel listed" data-testid="subscribers">
      <h2>
        Subscribers{' '}
        <span class="stat">
          {exact(connections)} {connections === 1 ? 'connection' : 'connections'} over HTTP
        </span>
      </h2>
      {slow.length === 0 ? (
        <p class="note">
          <i class="well" aria-hidden="true">
            ●
          </i>{' '}
          Everybody keeps up: no frame was skipped for anybody who is connected.
        </p>
      ) : (
        <SlowTable slow={slow} />
      )}
      {streams.length > 0 && <StreamTable streams={streams} />}
    </section>
  );
}

const OVER: Record<string, string> = {
  websocket: 'WebSocket',
  'event-stream': 'Server-Sent Events',
};

function SlowTable({ slow }: { slow: readonly SlowReader[] }) {
  return (
    <table class="wide" data-testid="slow">
      <thead>
        <tr>
          <th scope="col">Who fell behind</th>
          {['Waiting', 'Skipped', 'Slowed', 'Held'].map((name) => (
            <th key={name} scope="col" class="number">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {slow.map((one, at) => (
          <tr key={`${one.address ?? ''} ${at}`} data-testid="slow-reader">
            <th scope="row">
              {one.name || one.address || 'A reader'}
              <span class="hint">
                {OVER[one.over] ?? one.over}, {exact(one.subs)}{' '}
                {one.subs === 1 ? 'subscription' : 'subscriptions'}
                {one.name && one.address && `, ${one.address}`}
              </span>
            </th>
            <td class="number" data-label="frames waiting" title="frames that wait for it">
              {exact(one.behind)}
            </td>
            <td class="number" data-label="skipped" title="times that it lost frames">
              {exact(one.skipped)}
            </td>
            <td class="number" data-label="slowed" title="times that it got a slower rate">
              {exact(one.demoted)}
            </td>
            <td class="number" data-label="held" title="times held by limits.output_per_second">
              {exact(one.held)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function StreamTable({ streams }: { streams: readonly StreamCost[] }) {
  return (
    <table class="wide" data-testid="streams">
      <thead>
        <tr>
          <th scope="col">Costs most</th>
          <th scope="col" class="number">
            Readers
          </th>
          <th scope="col" class="number">
            Rows
          </th>
          <th scope="col" class="number">
            Cells
          </th>
          <th scope="col" class="number">
            Memory
          </th>
        </tr>
      </thead>
      <tbody>
        {streams.map((one, at) => (
          <tr key={`${one.metric} ${at}`} data-testid="stream">
            <th scope="row">
              <bdi>{one.metric}</bdi>
            </th>
            <td class="number" data-label="readers">
              {exact(one.readers)}
            </td>
            <td class="number" data-label="rows">
              {exact(one.rows)}
            </td>
            <td class="number" data-label="cells">
              {showText(one.cells_per_second, '/s')}
            </td>
            <td class="number" data-label="memory">
              {showText(one.bytes, 'bytes')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
