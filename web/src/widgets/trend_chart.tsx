// One signal over time: line with its lowest and highest, gaps, limits, anomalies; drag to zoom, arrows move the crosshair.
import { useColorScheme } from '@mui/material/styles';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatShort, formatValue, unitSign } from '../lib/format';
import type { Missing } from '../lib/missing';
import type { Drawn } from '../lib/series';
import { formatMoment, type Zone } from '../lib/time';
import { drawGround, drawMarks, inkOf, valueRange, type Around } from './trend_plot';
import css from './trend_chart.module.css';

interface Props {
  name: string;
  unit: string | null;
  decimals: number;
  drawn: Drawn;
  from: number;
  to: number;
  around: Omit<Around, 'bad' | 'limit_word' | 'lost_word' | 'short'>;
  zone: Zone;
  locale: string;
  height: number;
  onZoom: (from: number, to: number) => void;
  onZoomOut: () => void;
}

const SYNC = uPlot.sync('trend');

export function TrendChart(props: Props) {
  const { name, unit, decimals, drawn, from, to, zone, locale, height } = props;
  const { t } = useTranslation();
  const { mode, systemMode } = useColorScheme();
  const place = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLOutputElement>(null);
  const plot = useRef<uPlot | null>(null);
  const limit_word = t('trend.limit');
  const lost_word = t('trend.lost');
  const lostSpan = (m: Missing) =>
    t('trend.lost_span', { from: formatMoment(m.from, zone, locale), to: formatMoment(m.to, zone, locale), reason: m.reason });
  const newest = useRef({ ...props, limit_word, lost_word, lostSpan });

  useEffect(() => {
    newest.current = { ...props, limit_word, lost_word, lostSpan };
    const u = plot.current;
    if (!u) return;
    u.batch(() => {
      u.setData([drawn.time, drawn.min, drawn.max, drawn.last], false);
      u.setScale('x', { min: from, max: to });
    });
  });

  // uPlot keeps resolved colours, zone and locale: a new plot for new ones
  const scheme = mode === 'system' ? systemMode : mode;
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const u = makePlot(element, () => newest.current, readout.current);
    plot.current = u;
    const resize = new ResizeObserver(() => u.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      plot.current = null;
      u.destroy();
    };
  }, [scheme, zone, locale, height, unit]);

  return (
    <div className={css.lane}>
      <div className={css.head}>
        <span className={css.name}>{name}</span>
        {unit && <span className="secondary">{unitSign(unit)}</span>}
        <output ref={readout} className={`${css.readout} number`} aria-live="polite">
          {t('trend.zoom_hint')}
        </output>
      </div>
      <div
        ref={place}
        role="group"
        tabIndex={0}
        aria-label={t('trend.of', { signal: name, from: formatMoment(from, zone, locale), to: formatMoment(to, zone, locale) })}
        onKeyDown={(event) => moveCrosshair(event, plot.current)}
        style={{ minHeight: height }}
        data-points={drawn.time.length}
        data-decimals={decimals}
      />
    </div>
  );
}

type Newest = Props & { limit_word: string; lost_word: string; lostSpan: (missing: Missing) => string };

function makePlot(element: HTMLElement, now: () => Newest, readout: HTMLOutputElement | null): uPlot {
  const ink = inkOf(element);
  const { zone, height, locale } = now();
  const around = (): Around => {
    const { around: given, drawn, limit_word, lost_word } = now();
    return { ...given, bad: drawn.bad, limit_word, lost_word, short: (value) => formatShort(value, locale) };
  };
  const axis = {
    stroke: ink.secondary,
    grid: { stroke: ink.divider, width: 1 },
    ticks: { stroke: ink.divider, width: 1 },
    font: '12px Inter, system-ui, sans-serif',
  };
  const hidden = { stroke: 'transparent', width: 0, points: { show: false } };
  const options: uPlot.Options = {
    width: element.clientWidth || 300,
    height,
    ms: 1,
    tzDate: (ms) => (zone === 'utc' ? new Date(ms + new Date(ms).getTimezoneOffset() * 60e3) : new Date(ms)),
    padding: [8, 30, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: SYNC.key, setSeries: false, scales: ['x', null] },
      drag: { x: true, y: false, setScale: false },
      points: { size: 7, fill: ink.live },
    },
    scales: { x: { time: true, range: () => [now().from, now().to] }, y: { range: (_, low, high) => valueRange(low, high, around()) } },
    axes: [
      { ...axis, values: TIME_TICKS, space: 70 },
      { ...axis, size: 58, values: (_, ticks) => ticks.map((v) => formatShort(v, locale)) },
    ],
    series: [{}, hidden, hidden, { stroke: ink.live, width: 1.5, points: { size: 4 } }],
    bands: [{ series: [2, 1], fill: `${ink.live}40` }],
    hooks: {
      drawClear: [(u) => drawGround(u, around(), ink)],
      draw: [(u) => drawMarks(u, around(), ink)],
      setCursor: [(u) => tell(u, now(), readout)],
      setSelect: [(u) => zoomTo(u, now())],
      ready: [(u) => u.over.addEventListener('dblclick', () => now().onZoomOut())],
    },
  };
  const { drawn } = now();
  return new uPlot(options, [drawn.time, drawn.min, drawn.max, drawn.last], element);
}

const S = 1e3;
const TIME_TICKS: uPlot.Axis.Values = [
  [86400 * S, '{YYYY}-{MM}-{DD}', null, null, null, null, null, null, 1],
  [60 * S, '{HH}:{mm}', '\n{YYYY}-{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [S, '{HH}:{mm}:{ss}', '\n{YYYY}-{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [1, '{ss}.{fff}', '\n{YYYY}-{MM}-{DD} {HH}:{mm}', null, null, null, '\n{HH}:{mm}', null, 1],
];

/** Where readings were lost a tooltip says so; elsewhere the readout says what is under the crosshair. */
function tell(u: uPlot, { drawn, around, lostSpan, zone, locale, decimals, unit }: Newest, readout: HTMLOutputElement | null): void {
  const at = u.posToVal(u.cursor.left ?? -1, 'x');
  const near = u.posToVal(4, 'x') - u.posToVal(0, 'x');
  const lost = around.lost.find((m) => at >= m.from - near && at <= m.to + near);
  u.over.title = lost ? lostSpan(lost) : '';
  const k = u.cursor.idx;
  if (!readout || k === null || k === undefined) return;
  const [low, high, last] = [drawn.min[k], drawn.max[k], drawn.last[k]];
  const spread = low !== high ? ` (${formatValue(low, decimals, locale)} … ${formatValue(high, decimals, locale)})` : '';
  readout.textContent = `${formatMoment(drawn.time[k] ?? 0, zone, locale)}  ${formatValue(last, decimals, locale)}${unit ? ` ${unitSign(unit)}` : ''}${spread}`;
}

function zoomTo(u: uPlot, { onZoom }: Newest): void {
  const { left, width } = u.select;
  if (width < 8) return;
  onZoom(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'));
  u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
}

/** Left and right by one point, with shift by a twentieth of the chart. */
function moveCrosshair(event: KeyboardEvent, u: uPlot | null): void {
  const way = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
  if (!u || way === 0) return;
  event.preventDefault();
  const times = u.data[0];
  const step = event.shiftKey ? Math.max(1, Math.round(times.length / 20)) : 1;
  const k = Math.min(times.length - 1, Math.max(0, (u.cursor.idx ?? (way > 0 ? -1 : times.length)) + way * step));
  const last = u.data[3]?.[k];
  u.setCursor({ left: u.valToPos(times[k] ?? 0, 'x'), top: typeof last === 'number' ? u.valToPos(last, 'y') : 0 });
}
