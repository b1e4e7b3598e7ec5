import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { MemoryRouter } from 'react-router';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { startI18n } from '../lib/i18n';
import { AlarmMark } from './alarm_mark';
import { Panel, type Asked } from './panel';
import { sparkPath } from './sparkline';

beforeAll(async () => void (await startI18n('en')));
const show = (node: ReactNode) => render(<MemoryRouter>{node}</MemoryRouter>);
const asked = (more: Partial<Asked>): Asked => ({ isLoading: false, refetch: vi.fn(), ...more });

describe('a panel', () => {
  const panel = (more: Partial<Asked>, empty: { title: string; hint: string } | null = null) => {
    const state = asked(more);
    show(
      <Panel title="Figures" asked={state} empty={empty} height={100}>
        <p>content</p>
      </Panel>,
    );
    return state;
  };

  it('says that it loads, and shows a shape after a moment', async () => {
    panel({ isLoading: true });
    expect(screen.getByRole('status')).toHaveTextContent('Loading Figures');
    await waitFor(() => expect(document.querySelector('.MuiSkeleton-root')).not.toBeNull());
    expect(screen.queryByText('content')).toBeNull();
  });

  it('says why it is empty', () => {
    panel({ data: {} }, { title: 'Nothing yet', hint: 'Send a reading' });
    expect(screen.getByText('Send a reading')).toBeVisible();
    expect(screen.queryByText('content')).toBeNull();
  });

  it('says what failed, on which request, and asks again on Retry', async () => {
    const error = { status: 500, data: { error: { kind: 'internal', message: 'table locked', hint: 'wait', request_id: 'r-7' } } };
    const state = panel({ error });
    for (const words of ['table locked', 'wait', 'Request r-7']) expect(screen.getByText(words)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
    expect(state.refetch).toHaveBeenCalledTimes(1);
  });

  it('says in plain words that the engine does not answer', () => {
    panel({ error: { status: 'FETCH_ERROR', error: 'TypeError: Failed to fetch' } });
    expect(screen.getByRole('alert')).toHaveTextContent('The engine does not answer');
  });

  it('keeps showing what it had, and from when', () => {
    panel({ data: {}, error: { status: 'FETCH_ERROR' }, fulfilledTimeStamp: Date.parse('2026-11-21T12:00:09Z') });
    expect(screen.getByText('content')).toBeVisible();
    expect(screen.getByRole('status')).toHaveTextContent('Not up to date: from 12:00:09');
  });
});

describe('an alarm mark', () => {
  it.each([1, 2, 3, 4])('of priority %i is shape, number and word', (priority) => {
    show(<AlarmMark priority={priority} />);
    const mark = screen.getByRole('img');
    expect(mark).toHaveTextContent(String(priority));
    expect(mark.getAttribute('aria-label')).toMatch(new RegExp(`priority ${priority}, (critical|high|medium|diagnostic)`));
    expect(mark).not.toHaveClass('unacknowledged');
  });

  it('has four different shapes', () => {
    const shape = (priority: number) =>
      show(<AlarmMark priority={priority} />)
        .container.querySelector('path')
        ?.getAttribute('d');
    expect(new Set([1, 2, 3, 4].map(shape)).size).toBe(4);
  });

  it('blinks, and says so, while nobody has acknowledged it', () => {
    show(<AlarmMark priority={2} unacknowledged />);
    expect(screen.getByRole('img', { name: /not acknowledged/ })).toHaveClass('unacknowledged');
  });
});

describe('a sparkline', () => {
  const ring = (points: [number, number][]) => ({
    length: points.length,
    time: (k: number) => points[k]?.[0] ?? NaN,
    value: (k: number) => points[k]?.[1] ?? NaN,
  });
  const strokes = (points: [number, number][]) => [...sparkPath(ring(points)).matchAll(/M/g)].length;
  const steady = (from: number, n: number): [number, number][] => Array.from({ length: n }, (_, k) => [from + k, k % 3]);

  it('is one stroke through readings without a gap', () => expect(strokes(steady(0, 30))).toBe(1));
  it('breaks at a silence and at a missing number', () => {
    expect(strokes([...steady(0, 30), ...steady(300, 30)])).toBe(2);
    expect(strokes([[0, 1], [1, 2], [2, NaN], [3, 1], [4, 2]])).toBe(2); // prettier-ignore
  });
  it('draws a constant as a level line and nothing for a single reading', () => {
    expect(sparkPath(ring([[0, 5], [10, 5]]), 100, 20)).toBe('M0.0 10.0L100.0 10.0'); // prettier-ignore
    expect(sparkPath(ring([[0, 5]]))).toBe('');
  });
});
