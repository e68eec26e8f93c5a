// The dashboard begins here.
import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './styles.css';
import { App } from './app.tsx';
import { Gateway } from './gateway.ts';
import { SignIn } from './parts/sign-in.tsx';
import { isStranger, readSession } from './session.ts';

async function begin(root: HTMLElement): Promise<void> {
  await readSession();
  if (isStranger()) return render(<SignIn onDone={() => location.reload()} />, root);
  const gateway = new Gateway();
  gateway.start();
  render(<App gateway={gateway} />, root);
}

const root = document.getElementById('app');
if (root) void begin(root);
