import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { built } from '../../helpers/running/program-root.js';

const module = built('src/listening/event-loop.js');

/** Runs a program that has an {@link EventLoop}, and tells how it ended. */
async function ending(program: string): Promise<number | string> {
  const always = 'const always = { flush: () => true, whenRoom: () => {} };';
  const source = `import { EventLoop } from '${module}'; const loop = new EventLoop(); ${always} ${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { stdio: 'ignore' });
  const hung = setTimeout(() => child.kill('SIGKILL'), 10_000);
  const [status, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(hung);
  return status ?? signal ?? 'not known how';
}

describe('the event loop, while its thread waits', () => {
  for (const [what, program, status] of [
    ['process.exit', 'void loop.run(always); setTimeout(() => process.exit(7), 100)', 7],
    ['an uncaught exception', "void loop.run(always); setTimeout(() => { throw new Error('x') }, 100)", 1],
    ['an exception in a handler', "loop.after(50, () => { throw new Error('x') }); await loop.run(always)", 1],
    [
      'process.exit in a handler, after which it waits no more',
      'loop.after(50, () => process.exit(7)); await loop.run(always)',
      7,
    ],
    [
      'its disposal',
      'const end = loop.run(always); setTimeout(() => loop[Symbol.dispose](), 100); await end; process.exitCode = 7',
      7,
    ],
  ] as const) {
    it(`${what} ends the process`, async () => {
      assert.equal(await ending(program), status);
    });
  }

  it('leaves no listener behind', async () => {
    const { EventLoop } = await import('../../../src/listening/event-loop.js');
    const before = process.listenerCount('exit');
    {
      using _loop = new EventLoop();
      assert.equal(process.listenerCount('exit'), before + 1);
    }
    assert.equal(process.listenerCount('exit'), before);
  });
});
