// What is drawn around the line of a trend: normal band, bad spans, limits, anomalies. Called by uPlot while it draws.
import type uPlot from 'uplot';
import type { Missing } from '../lib/missing';
import type { Drawn } from '../lib/series';

export interface Limit {
  side: 'high' | 'low';
  value: number;
  priority: number;
}
export interface Mark {
  time: number;
  value: number | null;
}
export interface Around {
  limits: Limit[];
  normal: { low: number | null; high: number | null } | null;
  anomalies: Mark[];
  bad: Drawn['bad'];
  lost: Missing[];
  lost_word: string;
  limit_word: string;
  short: (value: number) => string;
}
export interface Ink {
  text: string;
  secondary: string;
  live: string;
  outline: string;
  divider: string;
  normal: string;
  card: string;
}

/** The scheme's colours as they are now: uPlot draws on a canvas and knows no CSS variables. */
export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: of('text'),
    secondary: of('secondary'),
    live: of('live'),
    outline: of('outline'),
    divider: of('divider'),
    normal: of('normal'),
    card: of('card'),
  };
}

/** Lowest and highest that must be seen: data, limits, normal band and anomalies, with a margin. */
export function valueRange(low: number | null, high: number | null, around: Around): [number, number] {
  const seen = [
    low,
    high,
    around.normal?.low,
    around.normal?.high,
    ...around.limits.map((l) => l.value),
    ...around.anomalies.map((a) => a.value),
  ].filter((v): v is number => typeof v === 'number' && Number.isFinite(v));
  if (seen.length === 0) return [0, 1];
  const bottom = Math.min(...seen);
  const top = Math.max(...seen);
  const margin = top > bottom ? (top - bottom) * 0.14 : Math.max(Math.abs(top) * 0.05, 0.5);
  return [bottom - margin, top + margin];
}

/** Under the line. */
export function drawGround(u: uPlot, around: Around, ink: Ink): void {
  const { ctx, bbox } = u;
  ctx.save();
  clip(u);
  if (around.normal && (around.normal.low !== null || around.normal.high !== null)) {
    const top = around.normal.high === null ? bbox.top : u.valToPos(around.normal.high, 'y', true);
    const bottom = around.normal.low === null ? bbox.top + bbox.height : u.valToPos(around.normal.low, 'y', true);
    ctx.globalAlpha = 0.45;
    ctx.fillStyle = ink.normal;
    ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  }
  ctx.globalAlpha = 0.5;
  for (const [from, to] of around.bad) hatch(u, u.valToPos(from, 'x', true), u.valToPos(to, 'x', true), ink);
  ctx.globalAlpha = 1;
  for (const { from, to } of around.lost) loss(u, u.valToPos(from, 'x', true), u.valToPos(to, 'x', true), around.lost_word, ink);
  ctx.restore();
}

/** Over the line: dashed limits with their words, a triangle at each anomaly. */
export function drawMarks(u: uPlot, around: Around, ink: Ink): void {
  const { ctx, bbox } = u;
  const dot = devicePixelRatio;
  ctx.save();
  clip(u);
  ctx.font = `${11 * dot}px Inter, system-ui, sans-serif`;
  ctx.lineWidth = dot;
  for (const { value, side } of around.limits) {
    const y = Math.round(u.valToPos(value, 'y', true));
    ctx.strokeStyle = ink.text;
    ctx.setLineDash([6 * dot, 4 * dot]);
    line(ctx, bbox.left, y, bbox.left + bbox.width, y);
    ctx.setLineDash([]);
    label(ctx, `${around.limit_word} ${around.short(value)}`, bbox.left + 6 * dot, side === 'high' ? y - 4 * dot : y + 13 * dot, ink, dot);
  }
  for (const { time, value } of around.anomalies) triangle(u, time, value, ink, dot);
  ctx.restore();
}

function clip(u: uPlot): void {
  u.ctx.beginPath();
  u.ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
  u.ctx.clip();
}

function line(ctx: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
}

/** Text with a rim in the colour of the card, so that a line behind it does not cross it out. */
function label(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, ink: Ink, dot: number): void {
  ctx.save();
  ctx.textAlign = 'left';
  ctx.lineJoin = 'round';
  ctx.lineWidth = 4 * dot;
  ctx.strokeStyle = ink.card;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = ink.text;
  ctx.fillText(text, x, y);
  ctx.restore();
}

/** Readings were here and are gone: a filled band between two lines, with a word where there is room for it. */
function loss(u: uPlot, from: number, to: number, word: string, ink: Ink): void {
  const { ctx, bbox } = u;
  const dot = devicePixelRatio;
  const left = Math.max(from, bbox.left);
  const right = Math.min(Math.max(to, from + 3 * dot), bbox.left + bbox.width);
  if (right <= left) return;
  ctx.save();
  ctx.globalAlpha = 0.25;
  ctx.fillStyle = ink.secondary;
  ctx.fillRect(left, bbox.top, right - left, bbox.height);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = ink.secondary;
  ctx.lineWidth = dot;
  ctx.setLineDash([2 * dot, 3 * dot]);
  for (const x of [left, right]) line(ctx, x, bbox.top, x, bbox.top + bbox.height);
  ctx.setLineDash([]);
  ctx.font = `${11 * dot}px Inter, system-ui, sans-serif`;
  const width = ctx.measureText(word).width;
  if (right - left > width + 8 * dot) label(ctx, word, (left + right - width) / 2, bbox.top + 14 * dot, ink, dot);
  ctx.restore();
}

function hatch(u: uPlot, from: number, to: number, ink: Ink): void {
  const { ctx, bbox } = u;
  const left = Math.max(from, bbox.left);
  const right = Math.min(Math.max(to, from + 2), bbox.left + bbox.width);
  if (right <= left) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, bbox.top, right - left, bbox.height);
  ctx.clip();
  ctx.strokeStyle = ink.outline;
  ctx.lineWidth = 1;
  for (let x = left - bbox.height; x < right; x += 8) line(ctx, x, bbox.top + bbox.height, x + bbox.height, bbox.top);
  ctx.restore();
}

/** A triangle pointing at the value from above; without a number it stands at the bottom. */
function triangle(u: uPlot, time: number, value: number | null, ink: Ink, dot: number): void {
  const { ctx, bbox } = u;
  const x = u.valToPos(time, 'x', true);
  const tip = value === null ? bbox.top + bbox.height - 2 * dot : u.valToPos(value, 'y', true) - 3 * dot;
  ctx.beginPath();
  ctx.moveTo(x, tip);
  ctx.lineTo(x - 5 * dot, tip - 9 * dot);
  ctx.lineTo(x + 5 * dot, tip - 9 * dot);
  ctx.closePath();
  ctx.fillStyle = ink.text;
  ctx.strokeStyle = ink.card;
  ctx.fill();
  ctx.stroke();
}
