// The recent past of a signal in one line, redrawn at most four times a second.
import { useRef } from 'react';
import { useLive } from '../lib/live_context';
import type { Ring } from '../lib/live_values';

const WIDTH = 120;
const HEIGHT = 28;
const REDRAW_MS = 250;

/** An SVG path through the ring's values; a missing number breaks it, and so does a silence of five usual distances. */
export function sparkPath(ring: Pick<Ring, 'length' | 'time' | 'value'>, width = WIDTH, height = HEIGHT): string {
  let low = Infinity;
  let high = -Infinity;
  for (let k = 0; k < ring.length; ++k) {
    const v = ring.value(k);
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (!Number.isFinite(low) || ring.length < 2) return '';
  const from = ring.time(0);
  const lasting = ring.time(ring.length - 1) - from;
  const x_scale = width / lasting;
  const gap = (5 * lasting) / (ring.length - 1);
  const middle = (low + high) / 2;
  const span = Math.max(high - low, Math.abs(middle) * 1e-3, 1e-9);
  const y = (v: number) => (height / 2 - ((v - middle) / span) * (height - 4)).toFixed(1);
  let path = '';
  let pen_down = false;
  for (let k = 0; k < ring.length; ++k) {
    const v = ring.value(k);
    if (k > 0 && ring.time(k) - ring.time(k - 1) > gap) pen_down = false;
    if (Number.isNaN(v)) pen_down = false;
    else {
      path += `${pen_down ? 'L' : 'M'}${((ring.time(k) - from) * x_scale).toFixed(1)} ${y(v)}`;
      pen_down = true;
    }
  }
  return path;
}

export function Sparkline({ asset, signal }: { asset: string; signal: string }) {
  const line = useRef<SVGPathElement>(null);
  const drawn_at = useRef(-Infinity);
  const of = useRef<Ring | null>(null);
  useLive(asset, signal, (_, ring) => {
    const now = performance.now();
    if (ring === of.current && now - drawn_at.current < REDRAW_MS) return;
    drawn_at.current = now;
    of.current = ring;
    line.current?.setAttribute('d', sparkPath(ring));
  });
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width="100%" height={HEIGHT} preserveAspectRatio="none" aria-hidden>
      <path ref={line} fill="none" stroke="var(--outline)" strokeWidth="1.25" vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
    </svg>
  );
}
