// A Chromium for the tests: fresh profile, no network of its own, and pages that remember what went wrong on them.
import { chromium } from 'playwright-core';

export const WIDE = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

export async function launch() {
  return chromium.launch({
    executablePath: process.env.TELLTALE_CHROMIUM ?? process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page in a new context. `page.wrong` lists script errors, refused content and answers from foreign hosts. */
export async function openPage(
  browser,
  url,
  { viewport = WIDE, scheme = 'light', locale = 'en-US', reducedMotion = 'no-preference' } = {},
) {
  const context = await browser.newContext({ viewport, colorScheme: scheme, locale, reducedMotion, deviceScaleFactor: 1 });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.wrong = [];
  page.on('pageerror', (error) => page.wrong.push(`script: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy|violates/i.test(message.text())) page.wrong.push(`policy: ${message.text()}`);
  });
  page.on('request', (request) => {
    const host = new URL(request.url()).host;
    if (/^(http|ws)/.test(request.url()) && host !== new URL(url).host) page.wrong.push(`foreign host: ${request.url()}`);
  });
  await page.goto(url);
  return page;
}
