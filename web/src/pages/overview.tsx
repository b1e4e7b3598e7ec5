// Level 1: all machines, worst first.
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { RecentAnomalies } from '../panels/anomalies';
import { AssetTiles } from '../panels/asset_tiles';
import { Figures } from '../panels/figures';
import grid from '../panels/grid.module.css';
import { Notices } from '../panels/notices';
import { Sources } from '../panels/sources';
import css from './page.module.css';

export default function Overview() {
  const { t } = useTranslation();
  useEffect(() => void (document.title = `${t('overview.title')} · Telltale`), [t]);
  return (
    <div className={css.page}>
      <h1 className="unseen">{t('overview.title')}</h1>
      <Notices />
      <AssetTiles />
      <div className={grid.two}>
        <div className={grid.column}>
          <RecentAnomalies />
          <Sources />
        </div>
        <Figures />
      </div>
    </div>
  );
}
