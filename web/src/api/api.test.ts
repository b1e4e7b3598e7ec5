import { describe, expect, it } from 'vitest';
import { markAsset, replaceAlarm, type Alarm, type AlarmPage, type Asset } from './api';
import { queryText } from './empty';
import { failureOf } from '../lib/failure';

const at = { event: '2026-01-01T00:00:00Z', arrival: '2026-01-01T00:00:00Z' };
const alarm = (id: string, more: Partial<Alarm> = {}): Alarm => ({
  id, asset: 'A', area: null, signal: 'x', rule: 'threshold', priority: 2, state: 'raised', cause: '', cause_words: null, value: 1, limit: 0, unit: null, count: 1,
  raised: at, updated: at, acknowledged: null, cleared: null, ...more,
}); // prettier-ignore

describe('an alarm event', () => {
  it('is put in, replaced and taken out of the open list, with its counts', () => {
    const page: AlarmPage = { alarms: [alarm('a')], open: [0, 1, 0, 0], unacknowledged: 1, next_cursor: null };
    replaceAlarm(page, alarm('b', { priority: 1 }));
    expect([page.alarms.length, page.open, page.unacknowledged]).toEqual([2, [1, 1, 0, 0], 2]);
    replaceAlarm(page, alarm('a', { state: 'acknowledged' }));
    expect([page.alarms.length, page.unacknowledged]).toEqual([2, 1]);
    replaceAlarm(page, alarm('b', { state: 'cleared' }));
    expect([page.alarms.map((a) => a.id), page.open]).toEqual([['a'], [0, 1, 0, 0]]);
  });

  it('marks its asset when it is worse than what stands there', () => {
    const asset = { asset: 'A', worst_alarm: null } as Asset;
    markAsset(asset, alarm('low', { priority: 3 }));
    markAsset(asset, alarm('high', { priority: 1 }));
    markAsset(asset, alarm('mid', { priority: 2 }));
    expect(asset.worst_alarm?.id).toBe('high');
    markAsset(asset, alarm('high', { state: 'cleared' }));
    expect(asset.worst_alarm).toBeNull();
    markAsset(asset, alarm('other', { asset: 'B' }));
    expect(asset.worst_alarm).toBeNull();
  });
});

describe('a failure', () => {
  it('carries message, hint and request id of our errors', () => {
    const error = {
      status: 404,
      data: { error: { kind: 'not_found', message: 'no asset X', hint: 'see /api/v1/assets', request_id: 'r1' } },
    };
    expect(failureOf(error)).toEqual({ message: 'no asset X', hint: 'see /api/v1/assets', request_id: 'r1', unreachable: false });
  });

  it('knows the originals, a proxy and no connection at all', () => {
    expect(failureOf({ status: 400, data: { detail: 'bad time' } }).message).toBe('HTTP 400 bad time');
    expect(failureOf({ status: 502, data: '<html>' }).message).toBe('HTTP 502');
    expect(failureOf({ status: 'FETCH_ERROR', error: 'TypeError' }).unreachable).toBe(true);
    expect(failureOf(undefined).message).toBe('');
  });
});

it('repeats the name of a list in a query', () => {
  expect(queryText({ asset: 'A B', signal: ['x', 'y'], from: undefined })).toBe('asset=A+B&signal=x&signal=y');
});
