// The version of everything is the one in CMakeLists.txt.
import { readFileSync } from 'node:fs';

export function version(): string {
  const text = readFileSync(new URL('../CMakeLists.txt', import.meta.url), 'utf8');
  const found = /project\(weir VERSION (\d+\.\d+\.\d+)/.exec(text)?.[1];
  if (!found) throw new Error('CMakeLists.txt names no version');
  return found;
}
