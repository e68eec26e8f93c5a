// The dashboard begins here.
import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './styles.css';
import { isBare } from './address.ts';
import { App } from './app.tsx';
import { Gateway } from './gateway.ts';
import { SignIn } from './parts/sign-in.tsx';
import { isStranger, readSession } from './session.ts';

function Elsewhere() {
  return (
    <p class="note elsewhere" data-testid="elsewhere">
      This chart is for who is signed in to this Weir.{' '}
      <a href={location.href} target="_blank" rel="noreferrer">
        Open it on a page of its own
      </a>
    </p>
  );
}

async function begin(root: HTMLElement): Promise<void> {
  await readSession();
  // A page of another site gets no cookie of ours: signing in there would not hold.
  if (isStranger() && isBare()) return render(<Elsewhere />, root);
  if (isStranger()) return render(<SignIn onDone={() => location.reload()} />, root);
  const gateway = new Gateway();
  gateway.start();
  render(<App gateway={gateway} />, root);
}

const root = document.getElementById('app');
if (root) void begin(root);
