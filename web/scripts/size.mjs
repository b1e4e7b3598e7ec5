// First load: what a browser fetches before the overview shows, gzip. Fails above 300 KiB.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const LIMIT_KIB = 300;
const dist = fileURLToPath(new URL('../dist/', import.meta.url));
if (!existsSync(`${dist}index.html`)) {
  console.error('dist/index.html is missing: run `npm run build` first.');
  process.exit(1);
}
const page = readFileSync(`${dist}index.html`, 'utf8');
const named = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((m) => m[1]);
const seen = new Map([['index.html', gzipSync(page).length]]);
for (const file of named) follow(file);

// static imports are part of the first load, dynamic ones are not
function follow(file) {
  if (seen.has(file)) return;
  const bytes = readFileSync(dist + file);
  seen.set(file, gzipSync(bytes, { level: 9 }).length);
  if (!file.endsWith('.js')) return;
  for (const [, next] of bytes.toString().matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) follow(`assets/${next}`);
}

const total = [...seen.values()].reduce((a, b) => a + b, 0) / 1024;
for (const [file, bytes] of seen) console.log(`${(bytes / 1024).toFixed(1).padStart(7)} KiB  ${file}`);
console.log(`${total.toFixed(1).padStart(7)} KiB  first load, gzip (limit ${LIMIT_KIB})`);
if (total > LIMIT_KIB) process.exit(1);
