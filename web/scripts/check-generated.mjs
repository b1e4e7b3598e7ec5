// Fails when src/api/generated.ts is not what openapi.yaml says: makes it again beside the old one and compares.
import { generateEndpoints } from '@rtk-query/codegen-openapi';
import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('..', import.meta.url));
process.chdir(web);
const config = createRequire(import.meta.url)('../openapi-codegen.config.cjs');
const again = './src/api/generated.check.ts'; // beside the old one: the same prettier settings apply
try {
  await generateEndpoints({ ...config, outputFile: again });
  if ((await readFile(again, 'utf8')) !== (await readFile(config.outputFile, 'utf8'))) {
    console.error('src/api/generated.ts does not match ../openapi.yaml: run `npm run generate` and commit the result.');
    process.exitCode = 1;
  } else console.log('src/api/generated.ts matches openapi.yaml');
} finally {
  await rm(again, { force: true });
}
