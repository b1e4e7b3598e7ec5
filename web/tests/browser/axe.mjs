// axe-core on a page: what it finds, as short lines.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** "color-contrast: .css-selector" for each violation; empty when there is none. */
export async function violations(page) {
  await page.evaluate(source); // by the debugger: the page's own policy lets no foreign script in
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.flatMap((v) =>
    v.nodes.map((n) => `${v.id}: ${n.target.join(' ')}: ${n.failureSummary?.split('\n')[1]?.trim() ?? ''}`),
  );
}
