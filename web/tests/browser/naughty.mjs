// R25 in a browser: names, notes and messages that are markup or script elsewhere are text on every page, and nothing of them runs.
import assert from 'node:assert/strict';
import { openPage } from './browser.mjs';
import { startSite } from './engine.mjs';

const RUNS = 'window.naughty=1';
const IMAGE = `<img src=x onerror="${RUNS}">`;
const NAMES = [
  `<script>${RUNS}</script>`,
  IMAGE,
  `"><svg onload=${RUNS}>`,
  `' onmouseover='${RUNS}`,
  `</title><script>${RUNS}</script>`,
  `<iframe srcdoc="<script>parent.naughty=1</script>">`,
  `<a href="javascript:${RUNS}">here</a>`,
  `javascript:${RUNS}`,
  `{{constructor.constructor("${RUNS}")()}}`,
  '${' + RUNS + '}',
  '&lt;b&gt; &#x41; $t(nav.assets)',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  'a/b?c=d&e#f',
  '%00%2e%2e%2f',
  '\u202Egpj.exe',
  '泵 🚒',
];

/** A site whose machine IMAGE has an alarm, and a reading under each name as asset and as signal. */
async function startNaughty(program) {
  const limits = `limits: [{rule: ${JSON.stringify(`high${IMAGE}`)}, above: 60}]`;
  const assets = `assets:\n  - {id: ${JSON.stringify(IMAGE)}, type: generic, signals: [{name: ${JSON.stringify(IMAGE)}, ${limits}}]}\n`;
  const engine = await startSite(program, `site: ${JSON.stringify(IMAGE)}\n${assets}`);
  const now = Date.now();
  const bodies = [
    NAMES.map((name, k) => ({ asset: name, signal: name, time: new Date(now - 60_000 + k).toISOString(), value: k })),
    [{ asset: IMAGE, signal: IMAGE, time: new Date(now).toISOString(), value: 100 }],
  ];
  for (const body of bodies) {
    const headers = { 'content-type': 'application/json', 'user-agent': IMAGE };
    const answer = await (await fetch(`${engine.url}/api/v1/readings`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
    assert.equal(answer.stored, body.length, JSON.stringify(answer));
  }
  return engine;
}

/** Nothing ran, and nothing tried to: a script that the policy stops is told as well. */
async function assertInert(page, where) {
  assert.equal(await page.evaluate(() => window.naughty), undefined, where);
  assert.deepEqual(page.wrong, [], where);
  const foreign = await page.evaluate(
    () => document.querySelectorAll('#root script, #root iframe, #root img, #root a[href^="javascript"]').length,
  );
  assert.equal(foreign, 0, where);
}

async function acknowledge(page) {
  const banner = page.getByTestId('banner');
  await banner.waitFor({ timeout: 30_000 });
  await banner.getByRole('button', { name: /^Ack/ }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/Your name/).fill(IMAGE);
  await dialog.getByLabel(/Note/).fill(`noted ${IMAGE}`);
  await dialog.getByRole('button', { name: 'Acknowledge' }).click();
  await dialog.waitFor({ state: 'detached' });
}

export const NAUGHTY = [
  {
    name: 'names that are markup or script elsewhere are text on every page',
    async run({ browser, program }) {
      const engine = await startNaughty(program);
      try {
        const page = await openPage(browser, `${engine.url}/`);
        page.on('dialog', (dialog) => page.wrong.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
        for (const name of NAMES) await page.getByTestId(`tile:${name}`).waitFor();
        await assertInert(page, 'overview');
        await acknowledge(page);
        for (const name of NAMES) {
          await page.goto(`${engine.url}/asset/${encodeURIComponent(name)}?range=1h`);
          await page.getByTestId('signals').getByTestId(`value:${name}:${name}`).waitFor();
          await page.getByTestId(`trend:${name}`).waitFor();
          await assertInert(page, `asset ${name}`);
        }
        await page.goto(`${engine.url}/asset/${encodeURIComponent(`nobody ${IMAGE}`)}`);
        await page.getByText(`There is no asset nobody ${IMAGE}`).waitFor();
        await assertInert(page, 'no asset');
        await page.goto(`${engine.url}/alarms`);
        await page.getByText(`acknowledged by ${IMAGE}`).first().waitFor();
        await page
          .getByRole('button', { name: /^Details/ })
          .first()
          .click();
        await page.getByText(`noted ${IMAGE}`).waitFor();
        await assertInert(page, 'alarms');
      } finally {
        await engine.stop();
      }
    },
  },
];
