// A panel is never blank: it loads, is empty and says why, failed and says how to go on, is stale and says since when, or shows its content.
import Button from '@mui/material/Button';
import Skeleton from '@mui/material/Skeleton';
import { useEffect, useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { failureOf } from '../lib/failure';
import { formatNear } from '../lib/time';
import { useLocale, useZone } from '../lib/view';
import css from './panel.module.css';

/** The part of an RTK Query answer that a panel looks at. */
export interface Asked {
  data?: unknown;
  error?: unknown;
  isLoading: boolean;
  fulfilledTimeStamp?: number;
  refetch: () => unknown;
}

export interface Empty {
  title: string;
  hint: ReactNode;
  action?: ReactNode;
}

interface Props {
  title: string;
  actions?: ReactNode;
  asked: Asked;
  /** Given when the answer holds nothing to show. */
  empty?: Empty | null;
  /** Height of what is being loaded, so that nothing jumps. */
  height: number;
  children: ReactNode;
}

export function Panel({ title, actions, asked, empty, height, children }: Props) {
  const id = useId();
  return (
    <section className={css.panel} aria-labelledby={id}>
      <header className={css.head}>
        <h2 id={id}>{title}</h2>
        {actions}
      </header>
      <Content title={title} asked={asked} empty={empty} height={height}>
        {children}
      </Content>
    </section>
  );
}

/** The states alone, for what is no card. */
export function Content({ title, asked, empty, height, children }: Omit<Props, 'actions'>) {
  if (asked.data === undefined && asked.error) return <Failed title={title} asked={asked} />;
  if (asked.data === undefined) return <Loading title={title} height={height} />;
  return (
    <>
      {asked.error ? <Stale since={asked.fulfilledTimeStamp} /> : null}
      {empty ? <EmptyWords {...empty} /> : <div className={asked.error ? css.old : undefined}>{children}</div>}
    </>
  );
}

/** Grey shapes of the final size, but only when it takes longer than 200 ms. */
function Loading({ title, height }: { title: string; height: number }) {
  const { t } = useTranslation();
  const [shown, show] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => show(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" style={{ minHeight: height }}>
      {shown && <Skeleton variant="rectangular" height={height} sx={{ borderRadius: 1 }} />}
      <span className="unseen">{t('panel.loading', { title })}</span>
    </div>
  );
}

export function EmptyWords({ title, hint, action }: Empty) {
  return (
    <div className={css.words}>
      <strong>{title}</strong>
      <span className="secondary">{hint}</span>
      {action}
    </div>
  );
}

function Failed({ title, asked }: { title: string; asked: Asked }) {
  const { t } = useTranslation();
  const { message, hint, request_id, unreachable } = failureOf(asked.error);
  return (
    <div className={css.words} role="alert">
      <strong>{t('panel.failed', { title })}</strong>
      <span>{unreachable ? t('panel.unreachable') : message || t('panel.unknown')}</span>
      {hint && <span className="secondary">{hint}</span>}
      {request_id && <code className="secondary">{t('panel.request', { id: request_id })}</code>}
      <Button variant="outlined" onClick={() => asked.refetch()}>
        {t('panel.retry')}
      </Button>
    </div>
  );
}

function Stale({ since }: { since?: number }) {
  const { t } = useTranslation();
  const [zone] = useZone();
  const locale = useLocale();
  if (since === undefined) return null;
  return (
    <p className={css.stale} role="status">
      {t('panel.stale', { time: formatNear(since, since, zone, locale) })}
    </p>
  );
}
