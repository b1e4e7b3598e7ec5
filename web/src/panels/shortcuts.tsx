// Which keys there are.
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useTranslation } from 'react-i18next';
import css from './shortcuts.module.css';

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const keys: [keys: string[], what: string][] = [
    [['/'], t('keys.find')],
    [['g', 'o'], t('keys.overview')],
    [['g', 'a'], t('keys.alarms')],
    [['a'], t('keys.acknowledge')],
    [['?'], t('keys.help')],
  ];
  return (
    <Dialog open onClose={onClose} maxWidth="xs" fullWidth aria-labelledby="keys-title">
      <DialogTitle id="keys-title" sx={{ fontSize: 18 }}>
        {t('keys.title')}
      </DialogTitle>
      <DialogContent>
        <dl className={css.keys}>
          {keys.map(([pressed, what]) => (
            <div key={what}>
              <dt>
                {pressed.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <p className="secondary">{t('keys.off_hint')}</p>
      </DialogContent>
      <DialogActions sx={{ p: 2 }}>
        <Button onClick={onClose}>{t('keys.close')}</Button>
      </DialogActions>
    </Dialog>
  );
}
