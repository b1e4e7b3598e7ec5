// The page in a real browser against the real engine: node tests/browser/run.mjs --engine PATH_TO_TELLTALE [--only WORD]
// Prints a line per test and `N passed, M failed` at the end; writes JUnit to $TELLTALE_RESULTS when set.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { launch } from './browser.mjs';
import { startDemo } from './engine.mjs';
import { TESTS } from './tests.mjs';

const { values } = parseArgs({ options: { engine: { type: 'string' }, only: { type: 'string' } } });
const program = values.engine ?? process.env.TELLTALE_PROGRAM;
if (!program) {
  console.error('usage: node tests/browser/run.mjs --engine PATH_TO_TELLTALE (or TELLTALE_PROGRAM in the environment)');
  process.exit(2);
}

const results = [];
const browser = await launch();
const world = { browser, program, demo: await startDemo(program) };
try {
  // in order: the fault, its acknowledgement and its end are one story
  for (const { name, run } of TESTS) {
    if (values.only && !name.includes(values.only)) continue;
    const started = performance.now();
    let failure = '';
    try {
      await run(world);
    } catch (error) {
      failure = String(error?.stack ?? error);
    }
    for (const context of browser.contexts()) await context.close();
    const seconds = (performance.now() - started) / 1000;
    results.push({ name, seconds, failure });
    console.log(`${failure ? 'FAILED' : 'ok    '} ${name} (${seconds.toFixed(1)} s)${failure ? `\n${failure}` : ''}`);
  }
} finally {
  await browser.close();
  await world.demo.stop();
}
if (process.env.TELLTALE_RESULTS) await writeJUnit(process.env.TELLTALE_RESULTS);
const failed = results.filter((r) => r.failure).length;
if (failed > 0) console.log(`--- what the engine said ---\n${world.demo.printed().slice(-4000)}`);
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 || results.length === 0 ? 1 : 0;

async function writeJUnit(file) {
  const text = (s) => s.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`).replace(/[^\t\n\r -\uFFFD]/g, '');
  const cases = results.map(
    ({ name, seconds, failure }) =>
      `<testcase classname="browser" name="${text(name)}" time="${seconds.toFixed(3)}">${failure ? `<failure message="${text(failure.split('\n')[0])}">${text(failure)}</failure>` : ''}</testcase>`,
  );
  await mkdir(dirname(file), { recursive: true });
  await writeFile(
    file,
    `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="browser" tests="${results.length}">${cases.join('')}</testsuite>\n`,
  );
}
