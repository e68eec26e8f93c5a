// DemoData: made-up data at a click, for who has nothing to measure yet, and its end.

import { useSignal } from '@preact/signals';
import type { Gateway } from '../gateway.ts';
import './demo-data.css';

const PATIENCE_MS = 5000;

/** What went wrong, in the gateway's words; empty when nothing did. */
async function turn(method: 'POST' | 'DELETE'): Promise<string> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch('/api/v1/demo', { method, signal });
    if (response.ok) return '';
    const { error } = (await response.json()) as { error?: { msg?: string } };
    return error?.msg ?? `The gateway answered ${response.status}`;
  } catch {
    return 'The gateway cannot be reached';
  }
}

interface ButtonProps {
  gateway: Gateway;
  method: 'POST' | 'DELETE';
  label: string;
}

function TurnButton({ gateway, method, label }: ButtonProps) {
  const fault = useSignal('');
  const click = async () => {
    fault.value = await turn(method);
    gateway.refresh();
  };
  return (
    <>
      <button type="button" data-testid={`demo-${method}`} onClick={() => void click()}>
        {label}
      </button>
      {fault.value && (
        <span role="alert" class="fault">
          {fault.value}
        </span>
      )}
    </>
  );
}

/** On the first run. */
export function DemoStart({ gateway }: { gateway: Gateway }) {
  return (
    <p class="demo">
      Nothing to measure yet?
      <TurnButton gateway={gateway} method="POST" label="Show demo data" />
      <span class="stat">A made-up shop, for half an hour</span>
    </p>
  );
}

/** While it runs. */
export function DemoStop({ gateway }: { gateway: Gateway }) {
  return (
    <p class="demo" data-testid="demo-runs">
      <b>Demo data</b> <span>These numbers are of a shop that does not exist.</span>
      <TurnButton gateway={gateway} method="DELETE" label="Stop demo data" />
    </p>
  );
}
