// Which machine, as a link to its page, and why. A source has no page: its cause names it.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { causeText, type Told } from '../lib/cause';
import { isSource, type Subject } from '../lib/subject';
import { useLocale, useSearchToKeep } from '../lib/view';

/** Why, in the language of the page. */
export function useCause(): (of: Told) => string {
  const { t } = useTranslation();
  const locale = useLocale();
  return (of) => causeText(of, t, locale);
}

export function Cause({ of }: { of: Subject & Told }) {
  const search = useSearchToKeep();
  const why = useCause()(of);
  if (isSource(of)) return <>{why}</>;
  return (
    <>
      <Link to={`/asset/${encodeURIComponent(of.asset)}${search}`}>{of.asset}</Link> {why}
    </>
  );
}
