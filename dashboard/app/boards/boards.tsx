// Boards: saved dashboards: the list at /boards, one at /boards/ID.

import { path } from '../address.ts';
import type { Gateway } from '../gateway.ts';
import { BoardScreen } from './board-screen.tsx';
import '../parts/bits.css';
import './boards.css';
import { BoardList } from './list.tsx';

export function Boards({ gateway }: { gateway: Gateway }) {
  const id = /^\/boards\/([a-z0-9-]{1,64})$/.exec(path.value)?.[1];
  if (id) return <BoardScreen key={id} gateway={gateway} id={id} />;
  const isWrong = path.value !== '/boards' && path.value !== '/boards/';
  return <BoardList wrong={isWrong} />;
}
