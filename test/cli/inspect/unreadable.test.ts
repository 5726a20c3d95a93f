import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';

import { hostileProgram, pidOf } from '../../helpers/hostile/hostile.js';
import { findingText, inspect, whyUnavailable } from '../../helpers/running/inspect.js';
import { Listening } from '../../helpers/running/listening.js';
import { runPeerpid, startPeerpid } from '../../helpers/running/run-peerpid.js';
import { waitFor } from '../../helpers/wait-for.js';

/** Where the descriptors of a process lead that it has now. */
function linksOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      // Closed meanwhile
      return [];
    }
  });
}

describe('a process that does not let its command line be read', () => {
  const program = hostileProgram('locked-memory');

  it('is inspected all the same', async function () {
    await using service = await program.start(this, program.directory.file('server'));
    const document = await inspect(program.directory.file('server'));
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.byPidfd?.pid, pidOf(service));
    assert.equal(document.byPidfd.comm, 'locked-memory');
    assert.equal(document.byPidfd.cmdline, undefined);
    assert.match(findingText(document, 'unreadable'), /keeps its command line from being read/);
    assert.match(whyUnavailable(document, 'byPidfd.cmdline') ?? '', /given up: the process keeps its command line/);
  });

  it('does not keep a signal from ending the wait for it', async function () {
    await using service = await program.start(this, program.directory.file('waited-for'));
    const child = startPeerpid(['inspect', program.directory.file('waited-for')]);
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    const commandLine = `/proc/${pidOf(service)}/cmdline`;
    await waitFor('it is asked', () => linksOf(child.pid ?? 0).includes(commandLine), 20_000);
    child.kill('SIGTERM');
    const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    assert.equal(signal, 'SIGTERM');
    assert.equal(printed, '');
  });

  it('leaves no wait in a scan with all details', async function () {
    await using service = await program.start(this, program.directory.file('scanned'));
    const { stdout } = await runPeerpid(['scan', '--json', '--long', '--pid', String(pidOf(service))]);
    const { sockets } = JSON.parse(stdout) as { sockets: { path?: string; findings: { id: string }[] }[] };
    assert.ok(sockets.some(({ findings }) => findings.some(({ id }) => id === 'unreadable')));
  });

  it('connects to a listen that goes on', async function () {
    const address = program.directory.file('listen');
    await using listening = await Listening.start(['--mode', '777', address]);
    await using service = await program.start(this, address, 'connect');
    const hostile = await listening.next('connection');
    assert.equal(hostile.credential?.pid, pidOf(service));
    assert.ok(hostile.findings.some(({ id }) => id === 'unreadable'));
    const { stdout } = await runPeerpid(['inspect', '--json', '--connect', address]);
    assert.ok(stdout.length > 0);
    const next = await listening.next('connection');
    assert.equal(next.verdict, 'pinned');
    assert.deepEqual(
      next.findings.map(({ id }) => id).filter((id) => id === 'unreadable'),
      [],
    );
    assert.ok(Array.isArray(next.byPidfd?.cmdline));
    assert.equal((await listening.stop()).status, 0);
  });
});
