// What stands around every page: where one is, whether it is live, which time is shown, and the alarm that matters most.
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, Outlet, useLocation, useNavigate } from 'react-router';
import { useListAssetsQuery } from '../api/api';
import { freshness, useAppSelector } from '../api/store';
import { useKeys } from '../lib/keys';
import { worstFirst } from '../lib/order';
import { useSearchToKeep } from '../lib/view';
import { AlarmBanner } from '../panels/alarm_banner';
import { AssetFinder } from '../panels/asset_finder';
import { ConnectButton } from '../panels/connect_dialog';
import { useOpenAlarms } from '../panels/questions';
import { RangePicker } from '../panels/range_picker';
import { SettingsMenu, ZoneSwitch } from '../panels/settings_menu';
import { ShortcutsDialog } from '../panels/shortcuts';
import { AlarmMark } from '../widgets/alarm_mark';
import { ConnectionLamp } from '../widgets/connection_lamp';
import { AlarmsIcon, DocsIcon, OverviewIcon } from '../widgets/icons';
import css from './frame.module.css';

const IN_RAIL = 20;
const dataAt = () => freshness.data_at;

export function Frame() {
  const { t } = useTranslation();
  const link = useAppSelector((s) => s.live.link);
  const { pathname } = useLocation();
  useEffect(() => void window.scrollTo(0, 0), [pathname]); // newer browsers answer with a promise
  return (
    <div className={css.frame} data-link={link}>
      <a className={css.skip} href="#main">
        {t('app.skip')}
      </a>
      <Rail />
      <TopBar />
      <div className={css.banner}>
        <AlarmBanner />
      </div>
      <main id="main" tabIndex={-1} className={css.main}>
        <Outlet />
      </main>
    </div>
  );
}

function TopBar() {
  const navigate = useNavigate();
  const search = useSearchToKeep();
  const finder = useRef<HTMLInputElement>(null);
  const [help, setHelp] = useState(false);
  useKeys({
    '/': () => finder.current?.focus(),
    'g o': () => void navigate(`/${search}`),
    'g a': () => void navigate(`/alarms${search}`),
    '?': () => setHelp(true),
  });
  const { link, since, site, status } = useAppSelector((s) => s.live);
  const { pathname } = useLocation();
  return (
    <header className={css.top}>
      <span className={css.site}>{site || 'Telltale'}</span>
      <ConnectionLamp
        link={link}
        since={since}
        read_only={status?.read_only ?? false}
        waiting={status?.data_age_s === null}
        dataAt={dataAt}
      />
      <div className={css.range}>
        {pathname !== '/alarms' && <RangePicker />}
        <ZoneSwitch />
      </div>
      <div className={css.end}>
        <AssetFinder field={finder} />
        <SettingsMenu />
        <span className={css.wide}>
          <ConnectButton />
        </span>
        <span className={css.narrow}>
          <ConnectButton icon_only />
        </span>
      </div>
      {help && <ShortcutsDialog onClose={() => setHelp(false)} />}
    </header>
  );
}

function Rail() {
  const { t } = useTranslation();
  const search = useSearchToKeep();
  const { alarms } = useOpenAlarms();
  const version = useAppSelector((s) => s.live.version);
  const { data } = useListAssetsQuery();
  const assets = worstFirst(data?.assets ?? []).slice(0, IN_RAIL);
  return (
    <nav className={css.rail} aria-label={t('nav.main')}>
      <div className={css.brand}>
        <Logo />
        <span>Telltale</span>
      </div>
      <NavLink className={css.item} to={`/${search}`} end>
        <OverviewIcon />
        <span className={css.grow}>{t('nav.overview')}</span>
      </NavLink>
      <NavLink className={css.item} to={`/alarms${search}`}>
        <AlarmsIcon />
        <span className={css.grow}>{t('nav.alarms')}</span>
        {alarms.length > 0 && <span className={`${css.count} number`}>{alarms.length}</span>}
      </NavLink>
      {assets.length > 0 && <p className={css.group}>{t('nav.assets')}</p>}
      {assets.map((a) => (
        <NavLink key={a.asset} className={`${css.item} ${css.asset}`} to={`/asset/${encodeURIComponent(a.asset)}${search}`}>
          <span className={css.grow}>{a.asset}</span>
          {a.worst_alarm && <AlarmMark priority={a.worst_alarm.priority} unacknowledged={a.worst_alarm.state === 'raised'} size={18} />}
        </NavLink>
      ))}
      <a className={`${css.item} ${css.foot}`} href="/docs">
        <DocsIcon />
        <span className={css.grow}>{t('nav.api')}</span>
        <span className={`${css.version} secondary`}>{version}</span>
      </a>
    </nav>
  );
}

function Logo() {
  return (
    <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden>
      <path
        d="M3 19h6l3-11 6 18 4-12 2 5h5"
        fill="none"
        stroke="var(--text)"
        strokeWidth="3"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}
