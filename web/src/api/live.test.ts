import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveValues } from '../lib/live_values';
import { LiveConnection, type Listener } from './live';

class FakeSocket {
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: unknown[] = [];
  closed = false;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const hello = (session: string, sequence: number) => ({ type: 'hello', session, sequence, site: 'Demo', version: '1', flag_names: [] });

describe('the live connection', () => {
  let sockets: FakeSocket[];
  let listener: { [K in keyof Listener]: ReturnType<typeof vi.fn> };
  let values: LiveValues;
  let link: LiveConnection;
  const socket = () => sockets.at(-1) as FakeSocket;
  const states = () => listener.link.mock.calls.map(([state]) => state);

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = [];
    listener = { link: vi.fn(), hello: vi.fn(), status: vi.fn(), alarm: vi.fn(), anomaly: vi.fn(), data: vi.fn(), lost: vi.fn() };
    values = new LiveValues(10, () => undefined);
    const open = () => {
      sockets.push(new FakeSocket());
      return socket() as unknown as WebSocket;
    };
    link = new LiveConnection('ws://x/api/v1/live', values, listener as unknown as Listener, { open, random: () => 1 });
    link.start();
  });
  afterEach(() => {
    link.stop();
    vi.useRealTimers();
  });

  const comeUp = (session = 'one', sequence = 5, resumed = true) => {
    socket().say(hello(session, sequence));
    socket().say({ type: 'subscribed', resumed });
  };

  it('subscribes after hello and is live after subscribed', () => {
    comeUp();
    expect(socket().sent).toEqual([{ type: 'subscribe' }]);
    expect(states()).toEqual(['connecting', 'live']);
    expect(listener.lost).not.toHaveBeenCalled();
  });

  it('hands values to the side and events to the page', () => {
    comeUp();
    socket().say({ type: 'new_data', assets: { A: [['x', 1, 2, 0, 0]] } });
    socket().say({ type: 'new_alert', sequence: 6, transition: 'raised', alarm: { id: 'a' } });
    socket().say({ type: 'anomaly', sequence: 7, anomaly: { id: 'b' } });
    expect(values.latest('A', 'x')?.value).toBe(2);
    expect(listener.data).not.toHaveBeenCalled(); // the first is what was known before
    socket().say({ type: 'new_data', assets: { A: [['x', 2, 3, 0, 0]] } });
    expect(listener.data.mock.calls).toEqual([[false]]);
    socket().say({ type: 'new_data', assets: { B: [['x', 2, 3, 0, 0]] } });
    expect(listener.data).toHaveBeenLastCalledWith(true);
    expect(listener.alarm).toHaveBeenCalledWith('raised', { id: 'a' });
    expect(listener.anomaly).toHaveBeenCalledWith({ id: 'b' });
  });

  it('resumes from the last sequence it saw', () => {
    comeUp();
    socket().say({ type: 'new_alert', sequence: 9, transition: 'raised', alarm: { id: 'a' } });
    socket().onclose?.();
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(2);
    socket().say(hello('one', 12));
    expect(socket().sent).toEqual([{ type: 'subscribe', resume: { session: 'one', sequence: 9 } }]);
    socket().say({ type: 'subscribed', resumed: true });
    expect(listener.lost).not.toHaveBeenCalled();
  });

  it('asks everything again when the engine cannot resume', () => {
    comeUp();
    socket().onclose?.();
    vi.advanceTimersByTime(250);
    comeUp('two', 0, false);
    expect(listener.lost).toHaveBeenCalledTimes(1);
    expect(states().at(-1)).toBe('live');
  });

  it('waits longer after each failure, up to ten seconds, and starts afresh once live', () => {
    const waits = [250, 500, 1000, 2000, 4000, 8000, 10000, 10000];
    for (const [k, wait] of waits.entries()) {
      socket().onclose?.();
      vi.advanceTimersByTime(wait - 1);
      expect(sockets).toHaveLength(k + 1);
      vi.advanceTimersByTime(1);
      expect(sockets).toHaveLength(k + 2);
    }
    comeUp();
    socket().onclose?.();
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(waits.length + 2);
  });

  it('calls silence stale after 5 s, fresh again at the next word, dead after 15 s', () => {
    comeUp();
    vi.advanceTimersByTime(5000);
    expect(states().at(-1)).toBe('stale');
    socket().say({ type: 'status' });
    expect(states().at(-1)).toBe('live');
    const first = socket();
    vi.advanceTimersByTime(15000);
    expect(first.closed).toBe(true);
    expect(states().at(-1)).toBe('offline');
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(2);
  });

  it('does not stay with a peer that speaks no JSON', () => {
    comeUp();
    const first = socket();
    first.onmessage?.({ data: '<html>' });
    expect(first.closed).toBe(true);
    expect(states().at(-1)).toBe('offline');
  });

  it('is quiet after stop', () => {
    comeUp();
    link.stop();
    vi.advanceTimersByTime(60000);
    expect(sockets).toHaveLength(1);
  });
});
