// Starts the page.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { connect, makeStore } from './api/store';
import { App } from './app';
import { preferred, startI18n } from './lib/i18n';
import './page.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
const store = makeStore();
await startI18n(preferred());
connect(store);
createRoot(root).render(
  <StrictMode>
    <App store={store} />
  </StrictMode>,
);
