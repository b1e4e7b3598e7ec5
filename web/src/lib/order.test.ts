import { expect, it } from 'vitest';
import { mostUrgentFirst, worstFirst } from './order';

const asset = (name: string, more: object = {}) => ({ asset: name, state: 'running', worst_alarm: null, good_share: 1, ...more });
const alarm = (priority: number, state: 'raised' | 'acknowledged' | 'cleared' = 'raised', event = '2026-01-01T00:00:00Z') => ({
  priority,
  state,
  raised: { event },
});

it('puts the worst asset first', () => {
  const sorted = worstFirst([
    asset('P-10'),
    asset('P-2'),
    asset('doubtful', { good_share: 0.9 }),
    asset('quiet', { state: 'silent' }),
    asset('seen', { worst_alarm: alarm(2, 'acknowledged') }),
    asset('medium', { worst_alarm: alarm(3) }),
    asset('high', { worst_alarm: alarm(2) }),
    asset('over', { worst_alarm: alarm(1, 'cleared') }),
    asset('new', { state: 'waiting', good_share: null }),
  ]);
  expect(sorted.map((a) => a.asset)).toEqual(['high', 'seen', 'medium', 'quiet', 'doubtful', 'new', 'over', 'P-2', 'P-10']);
});

it('leaves its input alone', () => {
  const given = [asset('b'), asset('a')];
  worstFirst(given);
  expect(given.map((a) => a.asset)).toEqual(['b', 'a']);
});

it('puts the newest of two equal alarms first', () => {
  const [older, newer, critical] = [
    alarm(2, 'raised', '2026-01-01T00:00:00Z'),
    alarm(2, 'raised', '2026-01-01T00:00:05Z'),
    alarm(1, 'acknowledged'),
  ];
  expect(mostUrgentFirst([older, newer, critical])).toEqual([critical, newer, older]);
});
