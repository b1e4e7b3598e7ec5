// How the page looks to this reader: zone, light or dark, language.
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import Popover from '@mui/material/Popover';
import TextField from '@mui/material/TextField';
import { useColorScheme } from '@mui/material/styles';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LANGUAGES, speak, type Language } from '../lib/i18n';
import { switchKeys, useKeysOn } from '../lib/keys';
import { zoneName, type Zone } from '../lib/time';
import { useLocale, useZone } from '../lib/view';
import { SettingsIcon } from '../widgets/icons';

export function SettingsMenu() {
  const { t } = useTranslation();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      <IconButton
        size="small"
        color="inherit"
        onClick={(e) => setAnchor(e.currentTarget)}
        aria-haspopup="dialog"
        aria-label={t('frame.settings')}
        title={t('frame.settings')}
      >
        <SettingsIcon />
      </IconButton>
      <Popover
        open={anchor !== null}
        anchorEl={anchor}
        onClose={() => setAnchor(null)}
        anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }}
        transformOrigin={{ vertical: 'top', horizontal: 'right' }}
        slotProps={{ paper: { role: 'dialog', 'aria-label': t('frame.settings'), sx: { border: 1, borderColor: 'divider' } } }}
      >
        <Choices />
      </Popover>
    </>
  );
}

function Choices() {
  const { t } = useTranslation();
  const locale = useLocale();
  const [zone, setZone] = useZone();
  const { mode, setMode } = useColorScheme();
  const keys = useKeysOn();
  const [now] = useState(() => Date.now());
  return (
    <div style={{ padding: 16, display: 'flex', flexDirection: 'column', gap: 16, width: 240 }}>
      <TextField select label={t('frame.zone')} value={zone} onChange={(e) => setZone(e.target.value as Zone)}>
        <MenuItem value="utc">{t('frame.zone_utc')}</MenuItem>
        <MenuItem value="local">{`${t('frame.zone_local')} (${zoneName('local', locale, now)})`}</MenuItem>
      </TextField>
      <TextField
        select
        label={t('frame.scheme')}
        value={mode ?? 'system'}
        onChange={(e) => setMode(e.target.value as 'light' | 'dark' | 'system')}
      >
        <MenuItem value="system">{t('frame.scheme_system')}</MenuItem>
        <MenuItem value="light">{t('frame.scheme_light')}</MenuItem>
        <MenuItem value="dark">{t('frame.scheme_dark')}</MenuItem>
      </TextField>
      <TextField select label={t('frame.language')} value={locale} onChange={(e) => void speak(e.target.value as Language)}>
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <MenuItem key={code} value={code}>
            {name}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        select
        label={t('keys.title')}
        helperText={t('keys.hint')}
        value={keys ? 'on' : 'off'}
        onChange={(e) => switchKeys(e.target.value === 'on')}
      >
        <MenuItem value="on">{t('keys.on')}</MenuItem>
        <MenuItem value="off">{t('keys.off')}</MenuItem>
      </TextField>
    </div>
  );
}

/** The zone beside the range: one press switches it. */
export function ZoneSwitch() {
  const { t } = useTranslation();
  const locale = useLocale();
  const [zone, setZone] = useZone();
  const [now] = useState(() => Date.now());
  return (
    <button
      type="button"
      onClick={() => setZone(zone === 'utc' ? 'local' : 'utc')}
      title={t('frame.zone')}
      aria-label={`${t('frame.zone')}: ${zoneName(zone, locale, now)}`}
      style={{
        background: 'none',
        border: 0,
        padding: '4px 8px',
        minHeight: 28,
        cursor: 'pointer',
        textDecoration: 'underline dotted',
        textUnderlineOffset: 4,
      }}
    >
      {zoneName(zone, locale, now)}
    </button>
  );
}
