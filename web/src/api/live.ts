// The WebSocket /api/v1/live: hello, subscribe, values to the side, events in order; comes back by itself and resumes by sequence.
// The messages are described in docs/live.md.
import type { LiveValues, Tuple } from '../lib/live_values';
import type { Alarm, Anomaly, LedgerRow } from './generated';

export type LinkState = 'connecting' | 'live' | 'stale' | 'offline';

export interface LiveStatus {
  now: string;
  data_age_s: number | null;
  lag_s: number | null;
  read_only: boolean;
  open: number[];
  unacknowledged: number;
  ledger: LedgerRow;
}

export type Transition = 'raised' | 'updated' | 'acknowledged' | 'cleared';

type Said =
  | { type: 'hello'; session: string; sequence: number; site: string; version: string; flag_names: string[] }
  | { type: 'subscribed'; resumed: boolean }
  | { type: 'new_data'; assets: Record<string, Tuple[]> }
  | { type: 'new_alert'; sequence: number; transition: Transition; alarm: Alarm }
  | { type: 'anomaly'; sequence: number; anomaly: Anomaly }
  | ({ type: 'status' } & LiveStatus)
  | { type: 'skipped'; count: number }
  | { type: 'error'; error: { message: string } };

/** What the page does with it. Called on the page's thread, in the order of arrival. */
export interface Listener {
  link(state: LinkState): void;
  hello(site: string, version: string, flag_names: string[]): void;
  status(status: LiveStatus): void;
  alarm(transition: Transition, alarm: Alarm): void;
  anomaly(anomaly: Anomaly): void;
  /** Values came that are of now; `unknown`: of a signal that was never heard of. */
  data(unknown: boolean): void;
  /** Events are missing: everything shown has to be asked again. */
  lost(): void;
}

const STALE_MS = 5_000;
const DEAD_MS = 15_000;
const SLOWEST_RETRY_MS = 10_000;

interface Surroundings {
  open: (url: string) => WebSocket;
  random: () => number;
}

export class LiveConnection {
  private socket: WebSocket | null = null;
  private session = '';
  private sequence = 0;
  private attempts = 0;
  private was_live = false;
  private greeted_again = false;
  private snapshot_due = false;
  private retry?: ReturnType<typeof setTimeout>;
  private stale?: ReturnType<typeof setTimeout>;
  private dead?: ReturnType<typeof setTimeout>;

  constructor(
    private readonly url: string,
    private readonly values: LiveValues,
    private readonly listener: Listener,
    private readonly around: Surroundings = { open: (u) => new WebSocket(u), random: Math.random },
  ) {}

  start(): void {
    this.listener.link('connecting');
    this.connect();
  }

  stop(): void {
    for (const timer of [this.retry, this.stale, this.dead]) clearTimeout(timer);
    this.drop();
  }

  private connect(): void {
    const socket = this.around.open(this.url);
    this.socket = socket;
    socket.onmessage = (event) => this.hear(String(event.data));
    socket.onclose = () => this.lose();
    this.dead = setTimeout(() => this.lose(), DEAD_MS);
  }

  private drop(): void {
    if (!this.socket) return;
    this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.socket = null;
  }

  private lose(): void {
    this.drop();
    clearTimeout(this.stale);
    clearTimeout(this.dead);
    this.listener.link('offline');
    // full jitter: a hundred screens do not come back in one breath
    const wait = this.around.random() * Math.min(SLOWEST_RETRY_MS, 250 * 2 ** this.attempts);
    this.attempts = Math.min(this.attempts + 1, 10);
    this.retry = setTimeout(() => this.connect(), wait);
  }

  private hear(text: string): void {
    let said: Said;
    try {
      said = JSON.parse(text) as Said;
    } catch {
      return this.lose(); // a peer that does not speak JSON is not the engine
    }
    this.alive();
    this.take(said);
  }

  private alive(): void {
    clearTimeout(this.stale);
    clearTimeout(this.dead);
    this.stale = setTimeout(() => this.listener.link('stale'), STALE_MS);
    this.dead = setTimeout(() => this.lose(), DEAD_MS);
    if (this.was_live) this.listener.link('live');
  }

  private take(said: Said): void {
    switch (said.type) {
      case 'hello':
        return this.greet(said);
      case 'subscribed':
        this.was_live = true;
        this.snapshot_due = true; // values from before: they say nothing about now
        this.attempts = 0;
        this.listener.link('live');
        if (this.greeted_again && !said.resumed) this.listener.lost();
        return;
      case 'new_data':
        return this.takeData(said.assets);
      case 'new_alert':
        this.sequence = said.sequence;
        return this.listener.alarm(said.transition, said.alarm);
      case 'anomaly':
        this.sequence = said.sequence;
        return this.listener.anomaly(said.anomaly);
      case 'status':
        return this.listener.status(said);
      case 'skipped': // the newest values follow by themselves
        return;
      case 'error':
        console.warn(`live: ${said.error.message}`);
    }
  }

  private takeData(assets: Record<string, Tuple[]>): void {
    const unknown = this.values.take(assets);
    if (!this.snapshot_due) this.listener.data(unknown);
    this.snapshot_due = false;
  }

  private greet(hello: Extract<Said, { type: 'hello' }>): void {
    const resume = this.session === '' ? undefined : { session: this.session, sequence: this.sequence };
    this.greeted_again = resume !== undefined;
    if (hello.session !== this.session) this.sequence = hello.sequence;
    this.session = hello.session;
    this.listener.hello(hello.site, hello.version, hello.flag_names);
    this.socket?.send(JSON.stringify({ type: 'subscribe', ...(resume ? { resume } : {}) }));
  }
}
