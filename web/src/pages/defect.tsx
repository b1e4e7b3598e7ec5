// What is seen when the page itself fails: the words to report, and a way on.
import Button from '@mui/material/Button';
import { useTranslation } from 'react-i18next';
import { useRouteError } from 'react-router';

export function Defect() {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <main style={{ padding: 24, display: 'flex', flexDirection: 'column', gap: 12, alignItems: 'flex-start' }} role="alert">
      <h1>{t('panel.bug_title')}</h1>
      <p>{t('panel.bug_hint')}</p>
      <code>{error instanceof Error ? error.message : String(error)}</code>
      <Button variant="contained" onClick={() => location.reload()}>
        {t('panel.reload')}
      </Button>
    </main>
  );
}
