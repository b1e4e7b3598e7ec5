// Worst first: what an operator should look at before the rest. The same order as GET /api/v1/assets.

interface Urgency {
  priority: number;
  state: 'raised' | 'acknowledged' | 'cleared';
}

interface Rankable {
  asset: string;
  state: string;
  worst_alarm: Urgency | null;
  good_share: number | null;
}

const names = new Intl.Collator('en', { numeric: true });

/** 2 for priority 1 not acknowledged ... 9 for priority 4 acknowledged; 10 without an alarm. */
export function urgency(alarm: Urgency | null): number {
  if (!alarm || alarm.state === 'cleared') return 10;
  return alarm.priority * 2 + (alarm.state === 'acknowledged' ? 1 : 0);
}

export function worstFirst<A extends Rankable>(assets: readonly A[]): A[] {
  return assets.toSorted(
    (a, b) =>
      urgency(a.worst_alarm) - urgency(b.worst_alarm) ||
      Number(b.state === 'silent') - Number(a.state === 'silent') ||
      (a.good_share ?? 1) - (b.good_share ?? 1) ||
      names.compare(a.asset, b.asset),
  );
}

interface Dated extends Urgency {
  raised: { event: string };
}

/** Most urgent first; of equals the newest. */
export function mostUrgentFirst<T extends Dated>(alarms: readonly T[]): T[] {
  return alarms.toSorted((a, b) => urgency(a) - urgency(b) || b.raised.event.localeCompare(a.raised.event));
}
