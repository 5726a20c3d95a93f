import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { TemporaryDirectory } from './machine/temporary.js';
import { repositoryPath } from './pages.js';
import { waitFor } from './wait-for.js';

const require = createRequire(import.meta.url);
const config = require(repositoryPath('.mocharc.cjs')) as object;

/** A test of one that hangs, with a child that ends by nothing that happens to its parent, and a child of that. */
function hanging(pids: string): string {
  return `
const { spawn } = require('node:child_process');
it('passes', () => {});
it('hangs', async () => {
  const pids = ${JSON.stringify(pids)};
  spawn('sh', ['-c', \`trap "" HUP; sleep 1000 & echo $$ $! >\${pids}; wait\`], { stdio: ['ignore', 'pipe', 'pipe'] });
  await new Promise(() => {});
});
it('passes after it', () => {});
`;
}

function isRunning(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function run(directory: TemporaryDirectory, test: string, more: object): { status: number | null; last: string } {
  const file = directory.file('some.test.cjs');
  writeFileSync(file, test);
  const configuration = directory.file('mocharc.json');
  writeFileSync(configuration, JSON.stringify({ ...config, spec: file, timeout: 500, ...more }));
  const mocha = join(require.resolve('mocha/package.json'), '../bin/mocha.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [mocha, '--config', configuration], {
    cwd: repositoryPath(''),
    encoding: 'utf8',
    timeout: 15_000,
  });
  return { status, last: `${stdout}${stderr}`.trimEnd().split('\n').at(-1) ?? '' };
}

describe('a run of the tests', () => {
  for (const [how, more] of [
    ['in one process', { parallel: false }],
    ['in several processes', { parallel: true, jobs: 2 }],
  ] as const) {
    it(`${how} ends, and all that was started with it, when a test hangs`, async () => {
      using directory = new TemporaryDirectory();
      const pids = directory.file('pids');
      assert.deepEqual(run(directory, hanging(pids), more), { status: 1, last: '2 passed, 1 failed' });
      const started = readFileSync(pids, 'utf8').trim().split(' ');
      assert.equal(started.length, 2);
      await waitFor('its children have ended', () => !started.some(isRunning));
    });

    it(`${how} fails where one test alone is to run`, () => {
      using directory = new TemporaryDirectory();
      const { status } = run(directory, `it('one', () => {}); it.only('another', () => {});`, more);
      assert.notEqual(status, 0);
    });
  }
});
