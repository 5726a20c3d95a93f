import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

import { peerpid } from '../helpers/running/run-peerpid.js';

/** What of Node's own a command had loaded at its end. */
function loadedBy(...args: string[]): string[] {
  const program = `
    process.argv.splice(1, process.argv.length, ${JSON.stringify(peerpid)}, ...${JSON.stringify(args)});
    process.stdout.write = () => true;
    process.on('exit', () => require('node:fs').writeSync(2, process.moduleLoadList.join('\\n')));
    require(${JSON.stringify(peerpid)});
  `;
  const shell = ['-c', '"$@" 2>&1 >/dev/null || true', 'sh', process.execPath, '-e', program];
  return execFileSync('sh', shell, { encoding: 'utf8' }).split('\n');
}

describe('what a start loads', () => {
  // Milliseconds each, at every start
  const costly = [
    'crypto',
    'readline',
    'internal/crypto/webcrypto',
    'child_process',
    'fs/promises',
    'perf_hooks',
    'tty',
  ];

  for (const args of [['--help'], ['--version'], ['inspect', '@nobody-is-there', '--json'], ['scan', '--json']]) {
    const hasThreads = args[0] === 'scan';
    it(`${args.join(' ')}: nothing of Node’s that it does not use`, () => {
      const loaded = loadedBy(...args);
      assert.ok(loaded.includes('NativeModule fs'), loaded.join('\n'));
      assert.deepEqual(
        [...costly, ...(hasThreads ? [] : ['worker_threads'])].filter((name) =>
          loaded.includes(`NativeModule ${name}`),
        ),
        [],
      );
    });
  }
});
