// The real engine under test, `telltale demo` or `telltale run` on a fleet, on a free port; and what it printed in case a test wants to know.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Starts `telltale demo`; resolves once /readyz answers 200. */
export async function startDemo(program, { port, more = [] } = {}) {
  return start(program, ['demo', ...more], port ?? (await freePort()));
}

/** Starts `telltale run` on a site, `text` of its file, with a store of its own. */
export async function startSite(program, text) {
  const folder = await mkdtemp(join(tmpdir(), 'telltale-site-'));
  const site = join(folder, 'site.yaml');
  await writeFile(site, `${text}store: {directory: ${join(folder, 'data')}}\n`);
  const engine = await start(program, ['run', site], await freePort());
  return { ...engine, stop: () => engine.stop().then(() => rm(folder, { recursive: true })) };
}

/** Starts `telltale run` on so many simulated compressors. */
export async function startFleet(program, count) {
  return startSite(program, `site: Fleet\nsources:\n  - {name: fleet, simulator: {count: ${count}}}\n`);
}

/** Starts `telltale run` on six hours of one pump's flow, of which a piece in the middle is damaged on the disk. */
export async function startDamaged(program) {
  const folder = await mkdtemp(join(tmpdir(), 'telltale-damaged-'));
  const site = join(folder, 'site.yaml');
  await writeFile(site, `site: Lost\nassets:\n  - {id: PUMP, type: generic}\nstore: {directory: ${join(folder, 'data')}}\n`);
  const rows = ['time,flow'];
  for (let second = 6 * 3600; second > 0; --second) {
    const noise = ((second * 7919) % 1000) / 1000;
    rows.push(`${new Date(Date.now() - second * 1000).toISOString()},${(50 + Math.sin(second / 200) + noise).toFixed(3)}`);
  }
  await writeFile(join(folder, 'flow.csv'), rows.join('\n'));
  await run(program, ['import', join(folder, 'flow.csv'), site, '--asset', 'PUMP']);
  await run(program, ['compact', site]);
  await damage(join(folder, 'data', 'blocks'));
  const engine = await start(program, ['run', site], await freePort());
  return { ...engine, stop: () => engine.stop().then(() => rm(folder, { recursive: true })) };
}

async function run(program, words) {
  const child = spawn(program, words, { stdio: 'ignore' });
  const status = await new Promise((done) => child.once('exit', done));
  if (status !== 0) throw new Error(`${program} ${words[0]} ended with ${status}`);
}

/** Turns a bit in the middle of the largest file of single readings. */
async function damage(blocks) {
  const files = (await readdir(blocks, { recursive: true })).filter((name) => name.includes('-raw-')).map((name) => join(blocks, name));
  const all = await Promise.all(files.map(async (file) => ({ file, bytes: await readFile(file) })));
  const { file, bytes } = all.sort((a, b) => b.bytes.length - a.bytes.length)[0];
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] ^= 1;
  await writeFile(file, bytes);
}

async function start(program, words, at) {
  const url = `http://127.0.0.1:${at}`;
  const child = spawn(program, [...words, '--listen', `127.0.0.1:${at}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (printed += bytes));
  const ended = new Promise((done) => child.once('exit', done));
  let over = false;
  void ended.then(() => (over = true));

  const deadline = Date.now() + 30_000;
  while (!(await ready(url))) {
    if (over) throw new Error(`${program} ${words[0]} ended with ${child.exitCode}:\n${printed}`);
    if (Date.now() > deadline) throw new Error(`${program} ${words[0]} is not ready after 30 s:\n${printed}`);
    await pause(50);
  }
  return {
    url,
    port: at,
    printed: () => printed,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
  async function end(signal) {
    if (!over) child.kill(signal);
    await ended;
  }
}

async function ready(url) {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
}
