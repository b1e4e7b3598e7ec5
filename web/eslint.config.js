// Rules of the house: TypeScript strict, hooks in order, and layers that only look down.
import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const above = {
  lib: ['widgets', 'panels', 'pages', 'api'],
  widgets: ['panels', 'pages', 'api'],
  panels: ['pages'],
  api: ['widgets', 'panels', 'pages'],
};

const layers = Object.entries(above).map(([layer, forbidden]) => ({
  files: [`src/${layer}/**/*.{ts,tsx}`],
  ignores: ['**/*.test.*'],
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: [{ group: forbidden.map((name) => `**/${name}/**`), message: 'lib <- widgets <- panels <- pages; api beside lib' }] },
    ],
  },
}));

const fetching = {
  files: ['src/{lib,widgets,panels,pages}/**/*.{ts,tsx}'],
  ignores: ['**/*.test.*'],
  rules: {
    'no-restricted-globals': [
      'error',
      ...['fetch', 'WebSocket', 'XMLHttpRequest', 'EventSource'].map((name) => ({ name, message: 'only src/api fetches' })),
    ],
  },
};

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/generated.ts'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  hooks.configs.flat.recommended,
  ...layers,
  fetching,
  {
    files: ['**/*.{mjs,cjs,js}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        module: 'writable',
        fetch: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        document: 'readonly',
        window: 'readonly',
        performance: 'readonly',
        AbortSignal: 'readonly',
        getComputedStyle: 'readonly',
        SwaggerUIBundle: 'readonly',
      },
    },
  },
);
