// The page as a whole: store, colours, routes.
import createCache from '@emotion/cache';
import { CacheProvider } from '@emotion/react';
import GlobalStyles from '@mui/material/GlobalStyles';
import { ThemeProvider } from '@mui/material/styles';
import { Provider } from 'react-redux';
import { createBrowserRouter, RouterProvider } from 'react-router';
import { values, type Store } from './api/store';
import { LiveContext } from './lib/live_context';
import { dark, light, variables } from './lib/palette';
import { theme } from './lib/theme';
import Alarms from './pages/alarms';
import { Defect } from './pages/defect';
import { Frame } from './pages/frame';
import { NotFound } from './pages/not_found';
import Overview from './pages/overview';

const router = createBrowserRouter([
  {
    element: <Frame />,
    errorElement: <Defect />,
    children: [
      { path: '/', element: <Overview /> },
      { path: '/alarms', element: <Alarms /> },
      { path: '/asset/:asset', lazy: async () => ({ Component: (await import('./pages/asset')).default }) },
      { path: '*', element: <NotFound /> },
    ],
    hydrateFallbackElement: <></>,
  },
]);

// the server writes a fresh nonce into the document: without it the policy refuses emotion's styles
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;
const styles = createCache({ key: 'tt', nonce });
const colours = {
  ':root, [data-color-scheme="light"]': { ...variables(light), colorScheme: 'light' },
  '[data-color-scheme="dark"]': { ...variables(dark), colorScheme: 'dark' },
};

export function App({ store }: { store: Store }) {
  return (
    <CacheProvider value={styles}>
      <ThemeProvider theme={theme} defaultMode="system">
        <GlobalStyles styles={colours} />
        <Provider store={store}>
          <LiveContext value={values}>
            <RouterProvider router={router} />
          </LiveContext>
        </Provider>
      </ThemeProvider>
    </CacheProvider>
  );
}
