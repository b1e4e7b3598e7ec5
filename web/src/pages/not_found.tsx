// An address that leads nowhere.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { EmptyWords } from '../widgets/panel';

export function NotFound() {
  const { t } = useTranslation();
  return <EmptyWords title={t('page.not_found')} hint={t('page.not_found_hint')} action={<Link to="/">{t('asset.to_overview')}</Link>} />;
}
