// Rights: whether the person may change boards. What is decided is decided by the gateway; this hides what it would refuse.

import { session } from '../session.ts';

export function mayWrite(): boolean {
  const { value } = session;
  return !value?.required || value.role === 'writer' || value.role === 'admin';
}
