// SignIn: the whole page, while the server wants a token and nobody has shown one.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { signIn } from '../session.ts';

export function SignIn({ onDone }: { onDone: () => void }) {
  const token = useSignal('');
  const fault = useSignal('');
  const busy = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    fault.value = await signIn(token.value.trim());
    busy.value = false;
    if (!fault.value) onDone();
  };
  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <h1>
          <img src="/icon.svg" alt="" width="24" height="24" /> Weir
        </h1>
        <label>
          Token
          <input
            type="password"
            name="token"
            autocomplete="current-password"
            required
            ref={input}
            aria-invalid={fault.value !== ''}
            aria-describedby="sign-in-fault"
            value={token.value}
            onInput={(event) => {
              token.value = event.currentTarget.value;
              fault.value = '';
            }}
          />
        </label>
        <p id="sign-in-fault" class="fault" role="alert">
          {fault.value}
        </p>
        <button type="submit" disabled={busy.value}>
          Sign in
        </button>
        <p class="hint">
          Whoever runs this server has one for you: auth.readers, or an issuer of tokens.
        </p>
      </form>
    </main>
  );
}
