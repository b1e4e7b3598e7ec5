// The real engine under test: `telltale demo` on a free port, and what it printed in case a test wants to know.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
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
  const at = port ?? (await freePort());
  const url = `http://127.0.0.1:${at}`;
  const child = spawn(program, ['demo', '--listen', `127.0.0.1:${at}`, ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (printed += bytes));
  const ended = new Promise((done) => child.once('exit', done));
  let over = false;
  void ended.then(() => (over = true));

  const deadline = Date.now() + 30_000;
  while (!(await ready(url))) {
    if (over) throw new Error(`${program} demo ended with ${child.exitCode}:\n${printed}`);
    if (Date.now() > deadline) throw new Error(`${program} demo is not ready after 30 s:\n${printed}`);
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
