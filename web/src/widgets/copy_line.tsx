// A command to take along: shown whole, copied with one press.
import Button from '@mui/material/Button';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

export function CopyLine({ text, what }: { text: string; what: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      setCopied(false); // no permission, or plain http: the text can still be selected
    }
  };
  return (
    <div style={{ display: 'flex', gap: 8, alignItems: 'flex-start' }}>
      <pre
        tabIndex={0}
        className="number"
        style={{
          flex: 1,
          minWidth: 0,
          margin: 0,
          padding: '8px 10px',
          overflowX: 'auto',
          background: 'var(--page)',
          borderRadius: 4,
          font: '13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace',
        }}
      >
        {text}
      </pre>
      {isSecureContext && (
        <Button variant="outlined" onClick={() => void copy()} aria-label={t('connect.copy_what', { what })}>
          {copied ? t('connect.copied') : t('connect.copy')}
        </Button>
      )}
    </div>
  );
}
