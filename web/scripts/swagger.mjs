// Puts Swagger UI's three files and our start page into dist/docs: /docs works without any other host.
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const from = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const ours = fileURLToPath(new URL('../swagger/', import.meta.url));
const to = fileURLToPath(new URL('../dist/docs/', import.meta.url));
await mkdir(to, { recursive: true });
for (const file of ['swagger-ui-bundle.js', 'swagger-ui.css', 'LICENSE']) await copyFile(`${from}/${file}`, to + file);
for (const file of ['index.html', 'start.js', 'page.css']) await copyFile(ours + file, to + file);
