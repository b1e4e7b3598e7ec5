// Pictures of every page from a running engine: node tests/browser/screenshots.mjs OUTDIR (--url URL | --engine PATH)
import { mkdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { launch, openPage, PHONE, WIDE } from './browser.mjs';
import { startDemo } from './engine.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { url: { type: 'string' }, engine: { type: 'string' } } });
const [out] = positionals;
if (!out || (!values.url && !values.engine)) {
  console.error('usage: node tests/browser/screenshots.mjs OUTDIR (--url URL | --engine PATH_TO_TELLTALE)');
  process.exit(2);
}
await mkdir(out, { recursive: true });

const demo = values.engine ? await startDemo(values.engine) : null;
const url = demo?.url ?? values.url;
const browser = await launch();
const failed = 'COMP-001';

/** Waits until the engine has run for so many seconds, so that there is a past to draw. */
async function runsFor(seconds) {
  while ((await (await fetch(`${url}/api/v1/status`)).json()).uptime_s < seconds) await pause(250);
}

const PICTURES = [
  { name: 'overview-light', path: '/', options: {} },
  { name: 'overview-dark', path: '/', options: { scheme: 'dark' } },
  { name: 'overview-phone', path: '/', options: { viewport: PHONE } },
  { name: 'asset-light', path: `/asset/${failed}?signal=vibration&signal=temperature`, options: { viewport: { ...WIDE, height: 1100 } } },
  { name: 'alarms-light', path: '/alarms', options: {} },
  { name: 'alarms-dark', path: '/alarms', options: { scheme: 'dark' } },
  { name: 'asset-dark', path: `/asset/${failed}`, options: { scheme: 'dark' } },
  { name: 'asset-phone', path: `/asset/${failed}`, options: { viewport: PHONE } },
  { name: 'alarms-phone', path: '/alarms', options: { viewport: PHONE } },
];

try {
  const first = await openPage(browser, `${url}/`);
  await first.getByTestId('banner').waitFor({ timeout: 60_000 }); // the fault has come
  await runsFor(24);
  await first.context().close();
  for (const { name, path, options } of PICTURES) {
    const page = await openPage(browser, url + path, options);
    await page.locator('[data-link="live"][data-testid="lamp"]').waitFor();
    await page.waitForLoadState('networkidle').catch(() => undefined);
    if (path.startsWith('/asset')) await page.locator('.u-wrap').first().waitFor();
    await page.screenshot({ path: `${out}/${name}.png`, animations: 'disabled' });
    for (const words of page.wrong) console.error(`${name}: ${words}`);
    await page.context().close();
  }
  const page = await openPage(browser, `${url}/`);
  await page.getByRole('button', { name: 'Connect your data' }).first().click();
  await page.getByRole('dialog').waitFor();
  await page.screenshot({ path: `${out}/connect-light.png`, animations: 'disabled' });
} finally {
  await browser.close();
  await demo?.stop();
}
