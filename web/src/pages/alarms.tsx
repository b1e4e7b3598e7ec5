// What is wrong, what was, and who has seen it.
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Alarms as AlarmsPanel } from '../panels/alarms';
import css from './page.module.css';

export default function Alarms() {
  const { t } = useTranslation();
  useEffect(() => void (document.title = `${t('nav.alarms')} · Telltale`), [t]);
  return (
    <div className={css.page}>
      <h1 className="unseen">{t('nav.alarms')}</h1>
      <AlarmsPanel />
    </div>
  );
}
