// Newest values and their recent past, outside React and Redux: a ring per signal, told to its listeners once per frame.

export interface Sample {
  time: number; // ms since 1970, event time
  value: number | null;
  quality: 0 | 1 | 2;
  flags: number;
}

export type Tuple = [signal: string, time: number, value: number | null, quality: number, flags: number];
type Listener = (sample: Sample, ring: Ring) => void;

/** The last values of one signal, oldest first. */
export class Ring {
  private readonly times: Float64Array;
  private readonly values: Float64Array;
  private readonly bad: Uint8Array;
  private next = 0;
  length = 0;

  constructor(readonly capacity: number) {
    this.times = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
    this.bad = new Uint8Array(capacity);
  }

  /** A time at or before the newest one is left out: history answers for late readings. */
  push(time: number, value: number | null, quality: number): void {
    if (this.length > 0 && time <= this.time(this.length - 1)) return;
    this.times[this.next] = time;
    this.values[this.next] = value ?? NaN;
    this.bad[this.next] = quality;
    this.next = (this.next + 1) % this.capacity;
    this.length = Math.min(this.capacity, this.length + 1);
  }

  time(k: number): number {
    return this.times[this.slot(k)] ?? NaN;
  }
  /** NaN: there was no number. */
  value(k: number): number {
    return this.values[this.slot(k)] ?? NaN;
  }
  quality(k: number): number {
    return this.bad[this.slot(k)] ?? 2;
  }

  private slot(k: number): number {
    return (this.next - this.length + k + this.capacity) % this.capacity;
  }
}

const keyOf = (asset: string, signal: string) => `${asset}\u0000${signal}`;

export class LiveValues {
  /** Names of bit 0, 1, 2 ... in a sample's flags, as the engine said. */
  flag_names: readonly string[] = [];
  private readonly rings = new Map<string, Ring>();
  private readonly newest = new Map<string, Sample>();
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly changed = new Set<string>();
  private readonly seeded = new Set<string>();
  private frame_asked = false;

  constructor(
    private readonly capacity = 600,
    private readonly askFrame: (run: () => void) => void = (run) => requestAnimationFrame(run),
  ) {}

  /** Takes a new_data message; says whether a signal was among it that has never been seen. */
  take(assets: Record<string, Tuple[]>): boolean {
    const known = this.newest.size;
    for (const [asset, tuples] of Object.entries(assets)) for (const tuple of tuples) this.takeOne(asset, tuple);
    if (this.changed.size > 0 && !this.frame_asked) {
      this.frame_asked = true;
      this.askFrame(() => this.tell());
    }
    return this.newest.size > known;
  }

  /** Puts history before what came live; the first answer counts, later ones would only repeat it. */
  seed(asset: string, signal: string, times: readonly number[], values: readonly (number | null)[], qualities: readonly number[]): void {
    const key = keyOf(asset, signal);
    if (this.seeded.has(key)) return;
    this.seeded.add(key);
    const live = this.rings.get(key);
    const ring = new Ring(this.capacity);
    for (let k = Math.max(0, times.length - this.capacity); k < times.length; ++k)
      ring.push(times[k] ?? NaN, values[k] ?? null, qualities[k] ?? 0);
    for (let k = 0; live && k < live.length; ++k) ring.push(live.time(k), live.value(k), live.quality(k));
    this.rings.set(key, ring);
    const sample = this.newest.get(key);
    if (sample) this.listeners.get(key)?.forEach((tell) => tell(sample, ring));
  }

  /** The reasons why a reading is not simply good. */
  reasons({ flags }: Sample): string[] {
    return this.flag_names.filter((_, bit) => (flags / 2 ** bit) % 2 >= 1);
  }

  latest(asset: string, signal: string): Sample | undefined {
    return this.newest.get(keyOf(asset, signal));
  }

  ring(asset: string, signal: string): Ring | undefined {
    return this.rings.get(keyOf(asset, signal));
  }

  /** `tell` is called at once with what is known, then at most once per frame; returns the way out. */
  listen(asset: string, signal: string, tell: Listener): () => void {
    const key = keyOf(asset, signal);
    const group = this.listeners.get(key) ?? new Set();
    this.listeners.set(key, group.add(tell));
    const sample = this.newest.get(key);
    const ring = this.rings.get(key);
    if (sample && ring) tell(sample, ring);
    return () => {
      group.delete(tell);
      if (group.size === 0) this.listeners.delete(key);
    };
  }

  private takeOne(asset: string, [signal, time, value, quality, flags]: Tuple): void {
    const key = keyOf(asset, signal);
    let ring = this.rings.get(key);
    if (!ring) this.rings.set(key, (ring = new Ring(this.capacity)));
    ring.push(time, value, quality);
    this.newest.set(key, { time, value, quality: quality as Sample['quality'], flags });
    this.changed.add(key);
  }

  private tell(): void {
    this.frame_asked = false;
    for (const key of this.changed) {
      const sample = this.newest.get(key);
      const ring = this.rings.get(key);
      if (sample && ring) this.listeners.get(key)?.forEach((listener) => listener(sample, ring));
    }
    this.changed.clear();
  }
}
