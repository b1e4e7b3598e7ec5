// The alarms that are open, or those that were; filtered by asset and priority as the address says.
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useListAlarmsQuery, useListAssetsQuery, type Alarm } from '../api/api';
import { Panel, type Asked } from '../widgets/panel';
import css from './alarm_list.module.css';
import { AlarmList } from './alarm_list';
import { OFTEN_MS, SELDOM_MS, useOpenAlarms } from './questions';

const PAGE = 100;

export function Alarms() {
  const { t } = useTranslation();
  const [query, setQuery] = useSearchParams();
  const history = query.get('state') === 'history';
  const set = (key: string, value: string) =>
    setQuery((old) => {
      const next = new URLSearchParams(old);
      if (value) next.set(key, value);
      else next.delete(key);
      return next;
    });
  const filter = { asset: query.get('asset') ?? '', priority: query.get('priority') ?? '' };
  return (
    <>
      <Tabs
        value={history ? 'history' : 'open'}
        onChange={(_, value: string) => set('state', value === 'open' ? '' : value)}
        sx={{ mb: 1 }}
      >
        <Tab value="open" label={t('alarm.open_tab')} />
        <Tab value="history" label={t('alarm.history_tab')} />
      </Tabs>
      {history ? <History filter={filter} onFilter={set} /> : <Open filter={filter} onFilter={set} />}
    </>
  );
}

interface FilterProps {
  filter: { asset: string; priority: string };
  onFilter: (key: string, value: string) => void;
}

const fits =
  ({ asset, priority }: FilterProps['filter']) =>
  (alarm: Alarm) =>
    (!asset || alarm.asset === asset) && (!priority || String(alarm.priority) === priority);

function Open({ filter, onFilter }: FilterProps) {
  const { t } = useTranslation();
  const { asked, alarms } = useOpenAlarms();
  const shown = alarms.filter(fits(filter));
  return (
    <Listed
      title={t('figures.open_alarms')}
      {...{ asked, shown, filter, onFilter }}
      none={{ title: t('alarm.empty_open'), hint: t('alarm.empty_open_hint') }}
    />
  );
}

function History({ filter, onFilter }: FilterProps) {
  const { t } = useTranslation();
  const [rows, setRows] = useState(PAGE);
  const priority = Number(filter.priority) || undefined;
  const asked = useListAlarmsQuery(
    { state: 'history', asset: filter.asset || undefined, priority, limit: rows },
    { pollingInterval: OFTEN_MS },
  );
  const more = asked.data?.next_cursor && rows < 1000 && (
    <Button variant="outlined" onClick={() => setRows(Math.min(1000, rows + PAGE))} sx={{ mt: 1 }}>
      {t('alarm.load_more')}
    </Button>
  );
  return (
    <Listed
      title={t('alarm.history_title')}
      {...{ asked, filter, onFilter, more }}
      shown={asked.data?.alarms ?? []}
      none={{ title: t('alarm.empty_history'), hint: t('alarm.empty_history_hint') }}
    />
  );
}

interface ListedProps extends FilterProps {
  title: string;
  asked: Asked;
  shown: Alarm[];
  none: { title: string; hint: string };
  more?: React.ReactNode;
}

function Listed({ title, asked, shown, none, filter, onFilter, more }: ListedProps) {
  const { t } = useTranslation();
  const filtered = filter.asset !== '' || filter.priority !== '';
  const words = filtered ? { title: t('alarm.empty_filter'), hint: t('alarm.empty_filter_hint') } : none;
  return (
    <Panel
      title={title}
      actions={<Filters filter={filter} onFilter={onFilter} />}
      asked={asked}
      empty={shown.length === 0 ? words : null}
      height={240}
    >
      <AlarmList alarms={shown} />
      {more}
    </Panel>
  );
}

function Filters({ filter, onFilter }: FilterProps) {
  const { t } = useTranslation();
  const { data } = useListAssetsQuery(undefined, { pollingInterval: SELDOM_MS });
  const names = new Set([...(data?.assets.map((a) => a.asset) ?? []), filter.asset].filter(Boolean));
  return (
    <div className={css.filters}>
      <TextField
        select
        label={t('alarm.asset')}
        value={filter.asset}
        onChange={(e) => onFilter('asset', e.target.value)}
        sx={{ minWidth: 150 }}
        slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
      >
        <MenuItem value="">{t('alarm.all_assets')}</MenuItem>
        {[...names].sort().map((name) => (
          <MenuItem key={name} value={name}>
            {name}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        select
        label={t('alarm.priority')}
        value={filter.priority}
        onChange={(e) => onFilter('priority', e.target.value)}
        sx={{ minWidth: 150 }}
        slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
      >
        <MenuItem value="">{t('alarm.all_priorities')}</MenuItem>
        {(['1', '2', '3', '4'] as const).map((p) => (
          <MenuItem key={p} value={p}>
            {`${p} ${t(`priority.${p}`)}`}
          </MenuItem>
        ))}
      </TextField>
    </div>
  );
}
