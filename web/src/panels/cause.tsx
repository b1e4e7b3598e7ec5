// Which machine, as a link to its page, and why. A source has no page: its cause names it.
import { Link } from 'react-router';
import { isSource, type Subject } from '../lib/subject';
import { useSearchToKeep } from '../lib/view';

export function Cause({ of }: { of: Subject & { cause: string } }) {
  const search = useSearchToKeep();
  if (isSource(of)) return <>{of.cause}</>;
  return (
    <>
      <Link to={`/asset/${encodeURIComponent(of.asset)}${search}`}>{of.asset}</Link> {of.cause}
    </>
  );
}
