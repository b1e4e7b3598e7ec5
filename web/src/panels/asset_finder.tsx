// A field that leads to an asset by its name.
import { useId, useState, type FormEvent, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useListAssetsQuery } from '../api/api';
import { findAsset } from '../lib/find';
import { useSearchToKeep } from '../lib/view';
import css from './asset_finder.module.css';

export function AssetFinder({ field }: { field: Ref<HTMLInputElement> }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearchToKeep();
  const { data } = useListAssetsQuery();
  const [text, setText] = useState('');
  const list = useId();
  const names = data?.assets.map((a) => a.asset) ?? [];
  const go = (name: string | undefined) => {
    if (!name) return;
    setText('');
    void navigate(`/asset/${encodeURIComponent(name)}${search}`);
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    go(findAsset(names, text));
  };
  return (
    <form role="search" onSubmit={send}>
      <input
        ref={field}
        className={css.field}
        type="search"
        list={list}
        value={text}
        placeholder={t('frame.find')}
        aria-label={t('frame.find')}
        autoComplete="off"
        onChange={(e) => {
          setText(e.target.value);
          if (names.includes(e.target.value)) go(e.target.value); // chosen from the list
        }}
      />
      <datalist id={list}>{text && names.map((name) => <option key={name} value={name} />)}</datalist>
    </form>
  );
}
