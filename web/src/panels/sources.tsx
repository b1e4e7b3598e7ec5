// Where readings come from, and whether they do.
import { useTranslation } from 'react-i18next';
import { useListSourcesQuery, type Source } from '../api/api';
import { formatAge, formatShort } from '../lib/format';
import { parseTime } from '../lib/time';
import { useLocale, useNow } from '../lib/view';
import { Panel } from '../widgets/panel';
import { ConnectButton } from './connect_dialog';
import css from './grid.module.css';
import { OFTEN_MS } from './questions';

export function Sources() {
  const { t } = useTranslation();
  const asked = useListSourcesQuery(undefined, { pollingInterval: OFTEN_MS });
  const sources = asked.data?.sources ?? [];
  const empty = sources.length === 0 ? { title: t('sources.empty'), hint: t('sources.empty_hint'), action: <ConnectButton /> } : null;
  return (
    <Panel title={t('sources.title')} asked={asked} empty={empty} height={120}>
      <ul className={css.list} data-testid="sources">
        {sources.map((source) => (
          <Item key={source.name} source={source} />
        ))}
      </ul>
    </Panel>
  );
}

function Item({ source }: { source: Source }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const now = useNow(1000);
  const well = source.state === 'connected' || source.state === 'ended';
  const age_s = source.last_message ? Math.max(0, now - parseTime(source.last_message)) / 1000 : null;
  const facts = [
    t('sources.rate', { rate: formatShort(source.rate, locale) }),
    age_s === null ? t('sources.nothing') : t('sources.newest', { age: formatAge(age_s, locale) }),
    ...(source.unmapped.length > 0
      ? [t('sources.unmapped', { count: source.unmapped.length, topics: source.unmapped.slice(0, 3).join(', ') })]
      : []),
  ];
  return (
    <li className={css.source}>
      <strong>{source.name}</strong>
      <span className="secondary">{source.kind}</span>
      <span className={well ? 'secondary' : css.loud}>{t(`sources.state.${source.state}`)}</span>
      <span className="secondary number">{facts.join(' · ')}</span>
      {source.detail && <span>{source.detail}</span>}
    </li>
  );
}
