// "Connect your data": the three ways in, each a line to copy.
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyLine } from '../widgets/copy_line';
import { PlugIcon } from '../widgets/icons';

export function ConnectButton({ icon_only = false }: { icon_only?: boolean }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        variant="outlined"
        startIcon={<PlugIcon />}
        onClick={() => setOpen(true)}
        aria-label={t('nav.connect')}
        sx={icon_only ? { minWidth: 40, '& .MuiButton-startIcon': { m: 0 } } : undefined}
      >
        {icon_only ? null : t('nav.connect')}
      </Button>
      {open && <ConnectDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function ConnectDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const post = [
    `curl ${location.origin}/api/v1/readings \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '{"asset":"P-101","values":{"flow":50.2}}'`,
  ].join('\n');
  const ways = [
    { title: t('connect.file_title'), text: t('connect.file_text'), line: './telltale detect FILE.csv' },
    { title: t('connect.broker_title'), text: t('connect.broker_text'), line: './telltale init mqtt://HOST\n./telltale run site.yaml' },
    { title: t('connect.post_title'), text: t('connect.post_text'), line: post },
  ];
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-labelledby="connect-title">
      <DialogTitle id="connect-title" sx={{ fontSize: 18 }}>
        {t('connect.title')}
      </DialogTitle>
      <DialogContent>
        <p className="secondary">{t('connect.intro')}</p>
        {ways.map(({ title, text, line }) => (
          <section key={title} style={{ marginTop: 18 }}>
            <h2>{title}</h2>
            <p className="secondary" style={{ margin: '2px 0 8px' }}>
              {text}
            </p>
            <CopyLine text={line} what={title} />
          </section>
        ))}
      </DialogContent>
      <DialogActions sx={{ p: 2, justifyContent: 'space-between' }}>
        <Button href="/docs">{t('connect.docs')}</Button>
        <Button variant="contained" onClick={onClose}>
          {t('connect.close')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
