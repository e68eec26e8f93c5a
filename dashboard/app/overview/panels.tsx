// Panels: what stands above the cards of the overview: what matters now, of all that a person sends.

import type { Gateway } from '../gateway.ts';
import { Distribution } from './distribution.tsx';
import './panels.css';
import { usePicks } from './picks.ts';
import { Tiles } from './tiles.tsx';
import { TopBars } from './top-bars.tsx';
import { UnusualStrip } from './unusual-strip.tsx';

export function Panels({ gateway }: { gateway: Gateway }) {
  const picks = usePicks(gateway);
  const timer = picks.timer.value;
  return (
    <div class="head">
      <Tiles gateway={gateway} picks={picks} />
      <UnusualStrip gateway={gateway} />
      {timer !== undefined && (
        <div class="duo">
          <Distribution key={timer} gateway={gateway} metric={timer} />
          <TopBars key={`top ${timer}`} gateway={gateway} metric={timer} />
        </div>
      )}
    </div>
  );
}
