// The time range of the screen: the usual spans, or from and to; with buttons that do what dragging does.
import Button from '@mui/material/Button';
import Divider from '@mui/material/Divider';
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import MenuList from '@mui/material/MenuList';
import Popover from '@mui/material/Popover';
import TextField from '@mui/material/TextField';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDuration } from '../lib/format';
import { PRESETS, resolve, shift, spanOf, zoom, type Range } from '../lib/range';
import { formatMoment, formatNear, fromInput, toInput } from '../lib/time';
import { useLocale, useRange, useZone } from '../lib/view';
import { EarlierIcon, ExpandIcon, LaterIcon, NowIcon, ZoomInIcon, ZoomOutIcon } from '../widgets/icons';
import { useDefaultRange } from './questions';

export function RangePicker() {
  const { t } = useTranslation();
  const fallback = useDefaultRange();
  const [range, setRange] = useRange(fallback);
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const words = useRangeWords();
  const choose = (next: Range) => {
    setRange(next);
    setAnchor(null);
  };
  return (
    <>
      <Step label={t('range.back')} onClick={() => setRange(shift(range, Date.now(), -0.5))} icon={<EarlierIcon />} />
      <Button
        color="inherit"
        endIcon={<ExpandIcon />}
        onClick={(e) => setAnchor(e.currentTarget)}
        aria-haspopup="dialog"
        aria-label={`${t('range.label')}: ${words(range)}`}
        sx={{ whiteSpace: 'nowrap' }}
      >
        {words(range)}
      </Button>
      <Step label={t('range.forth')} onClick={() => setRange(shift(range, Date.now(), 0.5))} icon={<LaterIcon />} />
      <Step label={t('range.zoom_out')} onClick={() => setRange(zoom(range, Date.now(), 2))} icon={<ZoomOutIcon />} />
      <Step label={t('range.zoom_in')} onClick={() => setRange(zoom(range, Date.now(), 0.5))} icon={<ZoomInIcon />} />
      {range.kind === 'fixed' && <Step label={t('range.now')} onClick={() => setRange(fallback)} icon={<NowIcon />} />}
      <Popover
        open={anchor !== null}
        anchorEl={anchor}
        onClose={() => setAnchor(null)}
        anchorOrigin={{ vertical: 'bottom', horizontal: 'left' }}
        slotProps={{ paper: { role: 'dialog', 'aria-label': t('range.label'), sx: { border: 1, borderColor: 'divider' } } }}
      >
        <MenuList autoFocusItem>
          {PRESETS.map((span) => (
            <MenuItem key={span} selected={range.kind === 'last' && range.span === span} onClick={() => choose({ kind: 'last', span })}>
              {words({ kind: 'last', span })}
            </MenuItem>
          ))}
        </MenuList>
        <Divider />
        <FromTo range={range} onChoose={choose} />
      </Popover>
    </>
  );
}

function Step({ label, onClick, icon }: { label: string; onClick: () => void; icon: ReactNode }) {
  return (
    <IconButton size="small" color="inherit" aria-label={label} title={label} onClick={onClick}>
      {icon}
    </IconButton>
  );
}

function useRangeWords(): (range: Range) => string {
  const { t } = useTranslation();
  const locale = useLocale();
  const [zone] = useZone();
  return (range) => {
    if (range.kind === 'last') return t('range.last', { span: formatDuration((spanOf(range.span) ?? 0) / 1000, locale) });
    const day_apart = new Date(range.from).toDateString() !== new Date(range.to).toDateString();
    const to = day_apart ? formatMoment(range.to, zone, locale) : formatNear(range.to, range.to, zone, locale);
    return t('range.fixed', { from: formatMoment(range.from, zone, locale), to });
  };
}

function FromTo({ range, onChoose }: { range: Range; onChoose: (range: Range) => void }) {
  const { t } = useTranslation();
  const [zone] = useZone();
  const [start] = useState(() => resolve(range, Date.now()));
  const [from, setFrom] = useState(toInput(start.from, zone));
  const [to, setTo] = useState(toInput(start.to, zone));
  const wrong = !(fromInput(from, zone) < fromInput(to, zone));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!wrong) onChoose({ kind: 'fixed', from: fromInput(from, zone), to: fromInput(to, zone) });
  };
  const field = { type: 'datetime-local', slotProps: { htmlInput: { step: 1 }, inputLabel: { shrink: true } } } as const;
  return (
    <form onSubmit={submit} style={{ padding: 16, display: 'flex', flexDirection: 'column', gap: 14 }}>
      <TextField {...field} label={t('range.from')} value={from} onChange={(e) => setFrom(e.target.value)} />
      <TextField
        {...field}
        label={t('range.to')}
        value={to}
        onChange={(e) => setTo(e.target.value)}
        error={wrong}
        helperText={wrong ? t('range.wrong') : undefined}
      />
      <Button type="submit" variant="contained" disabled={wrong}>
        {t('range.apply')}
      </Button>
    </form>
  );
}
