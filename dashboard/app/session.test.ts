import { describe, expect, it } from 'vitest';
import { isStranger, refusal, session } from './session.ts';

describe('session', () => {
  it('is wanted only of who has none where one is required', () => {
    const nobody = { name: null, role: null, until: null };
    session.value = null;
    expect(isStranger()).toBe(false);
    session.value = { required: false, ...nobody };
    expect(isStranger()).toBe(false);
    session.value = { required: true, ...nobody };
    expect(isStranger()).toBe(true);
    session.value = { required: true, name: 'ops', role: 'reader', until: null };
    expect(isStranger()).toBe(false);
  });

  it('says in words why a token was refused', () => {
    expect(refusal(401, { error: { code: 'auth.invalid_token' } })).toBe(
      'This token is not known here.',
    );
    expect(refusal(401, { error: { code: 'auth.expired' } })).toBe('This token has expired.');
    expect(refusal(403, { error: { code: 'auth.forbidden' } })).toBe('This token may not read.');
    expect(refusal(400, { error: { code: 'x', msg: 'token: too long' } })).toBe('token: too long');
    expect(refusal(502, {})).toBe('The server refused it (502).');
  });
});
