// The mark of an alarm: colour and shape and number and, for who cannot see it, words.
import { useTranslation } from 'react-i18next';

type Priority = 1 | 2 | 3 | 4;
const asPriority = (n: number): Priority => (n === 1 || n === 2 || n === 3 ? n : 4);

const SHAPES: Record<Priority, { path: string; digit_y: number }> = {
  1: { path: 'M3 3h18v18H3z', digit_y: 17 },
  2: { path: 'M12 2 23 21H1z', digit_y: 19 },
  3: { path: 'M12 22 1 3h22z', digit_y: 14.5 },
  4: { path: 'M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20z', digit_y: 16.5 },
};

interface Props {
  priority: number;
  /** Nobody has acknowledged it: the mark blinks. */
  unacknowledged?: boolean;
  size?: number;
}

export function AlarmMark({ priority, unacknowledged = false, size = 22 }: Props) {
  const { t } = useTranslation();
  const level = asPriority(priority);
  const { path, digit_y } = SHAPES[level];
  const words = t('alarm.mark', { priority: level, word: t(`priority.${level}`) });
  return (
    <svg
      role="img"
      aria-label={unacknowledged ? `${words}, ${t('alarm.not_acknowledged')}` : words}
      className={unacknowledged ? 'unacknowledged' : undefined}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      style={{ flex: 'none' }}
    >
      <path d={path} fill={`var(--p${level})`} stroke={`var(--p${level}-outline)`} strokeWidth="1.5" strokeLinejoin="round" />
      <text x="12" y={digit_y} textAnchor="middle" fontSize="13" fontWeight="700" fill={`var(--p${level}-digit)`} aria-hidden>
        {level}
      </text>
    </svg>
  );
}
