// The dashboard begins here.
import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './styles.css';
import { App } from './app.tsx';
import { Gateway } from './gateway.ts';

const root = document.getElementById('app');
if (root) {
  const gateway = new Gateway();
  gateway.start();
  render(<App gateway={gateway} />, root);
}
