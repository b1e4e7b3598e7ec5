// The button that acknowledges an alarm, and the dialog that asks who and what they saw.
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useAcknowledgeAlarmMutation, type Alarm } from '../api/api';
import { failureOf } from '../lib/failure';
import { useKeys } from '../lib/keys';
import { recall, remember } from '../lib/remember';
import { isSource, nameOf } from '../lib/subject';
import { AlarmMark } from '../widgets/alarm_mark';
import { useCause } from './cause';

interface Props {
  alarm: Alarm;
  /** The one in the banner: few words, and a key of its own. */
  short?: boolean;
}

export function AcknowledgeButton({ alarm, short = false }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  useKeys(short ? { a: () => setOpen(true) } : {});
  const words = short ? t('alarm.ack_short') : t('alarm.acknowledge');
  const what = nameOf(alarm);
  return (
    <>
      <Button variant="contained" onClick={() => setOpen(true)} aria-label={`${words} ${what}`} sx={{ flex: 'none' }}>
        {words}
      </Button>
      {open && <AcknowledgeDialog alarm={alarm} onClose={() => setOpen(false)} />}
    </>
  );
}

function AcknowledgeDialog({ alarm, onClose }: { alarm: Alarm; onClose: () => void }) {
  const { t } = useTranslation();
  const [acknowledge, { isLoading, error }] = useAcknowledgeAlarmMutation();
  const [name, setName] = useState(recall('name') ?? '');
  const [note, setNote] = useState('');
  const why = useCause()(alarm);

  const send = async (event: FormEvent) => {
    event.preventDefault();
    const answer = await acknowledge({ id: alarm.id, acknowledgement: { name: name.trim(), note: note.trim() } });
    if (answer.error) return;
    remember('name', name.trim());
    onClose();
  };

  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="ack-title">
      <form onSubmit={(event) => void send(event)}>
        <DialogTitle id="ack-title" sx={{ display: 'flex', gap: 1, alignItems: 'center', fontSize: 18 }}>
          <AlarmMark priority={alarm.priority} />
          {t('alarm.ack_title')}
        </DialogTitle>
        <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
          <p>
            {!isSource(alarm) && <strong>{alarm.asset} </strong>}
            {why}
          </p>
          {error && <Refused error={error} />}
          <TextField
            label={t('alarm.name')}
            value={name}
            onChange={(e) => setName(e.target.value)}
            required
            autoFocus
            autoComplete="name"
            slotProps={{ htmlInput: { maxLength: 256 } }}
          />
          <TextField
            label={t('alarm.note')}
            helperText={t('alarm.note_help')}
            value={note}
            onChange={(e) => setNote(e.target.value)}
            multiline
            minRows={2}
            slotProps={{ htmlInput: { maxLength: 4096 } }}
          />
        </DialogContent>
        <DialogActions sx={{ p: 2 }}>
          <Button onClick={onClose}>{t('alarm.cancel')}</Button>
          <Button type="submit" variant="contained" disabled={isLoading || name.trim() === ''}>
            {t('alarm.acknowledge')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Refused({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const { message, hint, request_id, unreachable } = failureOf(error);
  return (
    <Alert severity="error" icon={false} variant="outlined">
      <strong>{t('alarm.ack_failed')}</strong> {unreachable ? t('panel.unreachable') : message} {hint}{' '}
      {request_id && t('panel.request', { id: request_id })}
    </Alert>
  );
}
