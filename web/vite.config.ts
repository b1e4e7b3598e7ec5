// How the page is built and tested. `npm run dev` shows it against an engine on 127.0.0.1:8000.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const engine = process.env.TELLTALE_ENGINE ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [react()],
  base: '/',
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // the content security policy knows no data: URLs
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'react',
              test: /node_modules[\\/](react|react-dom|react-router|react-redux|@reduxjs|redux|immer|reselect|scheduler|i18next|react-i18next)[\\/]/,
            },
            { name: 'uplot', test: /node_modules[\\/]uplot[\\/]/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': { target: engine, ws: true },
      '/docs': engine,
      '/openapi.yaml': engine,
    },
  },
  test: {
    environment: 'happy-dom',
    environmentOptions: { happyDOM: { url: 'http://localhost:8000/' } },
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test_setup.ts'],
    restoreMocks: true,
  },
});
