// What a person should know about the engine, such as a source whose clock is two hours ahead. Nothing to say: nothing shown.
import { useTranslation } from 'react-i18next';
import { useGetStatusQuery } from '../api/api';
import css from './grid.module.css';
import { SELDOM_MS } from './questions';

export function Notices() {
  const { t } = useTranslation();
  const { data } = useGetStatusQuery(undefined, { pollingInterval: SELDOM_MS });
  const notices = data?.notices ?? [];
  if (notices.length === 0) return null;
  return (
    <ul className={css.notices} aria-label={t('overview.notices')}>
      {notices.map((n) => (
        <li key={`${n.kind}${n.message}`}>
          <strong>{n.message}</strong> <span className="secondary">{n.hint}</span>
        </li>
      ))}
    </ul>
  );
}
