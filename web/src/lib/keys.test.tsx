import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { switchKeys, useKeys, type Keys } from './keys';

function Page({ keys }: { keys: Keys }) {
  useKeys(keys);
  return <input aria-label="note" />;
}

afterEach(() => {
  switchKeys(true);
  cleanup();
});

test('one key, or two in a row', async () => {
  const [help, go] = [vi.fn(), vi.fn()];
  render(<Page keys={{ '?': help, 'g o': go }} />);
  await userEvent.keyboard('?');
  expect(help).toHaveBeenCalledOnce();
  await userEvent.keyboard('o');
  expect(go).not.toHaveBeenCalled();
  await userEvent.keyboard('go');
  expect(go).toHaveBeenCalledOnce();
});

test('who writes is left alone', async () => {
  const act = vi.fn();
  render(<Page keys={{ a: act }} />);
  await userEvent.type(screen.getByLabelText('note'), 'a');
  expect(act).not.toHaveBeenCalled();
});

test('they can be switched off', async () => {
  const act = vi.fn();
  switchKeys(false);
  render(<Page keys={{ a: act }} />);
  await userEvent.keyboard('a');
  expect(act).not.toHaveBeenCalled();
});
