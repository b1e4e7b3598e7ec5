// Fails when src/api/generated.ts is not what openapi.yaml says: makes it again beside the old one and compares.
import { generateEndpoints } from '@rtk-query/codegen-openapi';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('..', import.meta.url));
process.chdir(web);
const config = createRequire(import.meta.url)('../openapi-codegen.config.cjs');
const made = await generateEndpoints({ ...config, outputFile: undefined });
const { format } = await import('prettier');
const wanted = await format(made, { parser: 'typescript' });
const kept = await readFile(config.outputFile, 'utf8');
if (wanted !== kept) {
  console.error('src/api/generated.ts does not match ../openapi.yaml: run `npm run generate` and commit the result.');
  process.exit(1);
}
console.log('src/api/generated.ts matches openapi.yaml');
