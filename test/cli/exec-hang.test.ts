import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';

import type { ScanDocument } from '../../src/document/scan-document.js';
import { compiled, startWithFuse } from '../helpers/hostile/hostile.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import type { Service } from '../helpers/peers/service.js';
import { findingText, inspect, whyUnavailable } from '../helpers/running/inspect.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';

describe('a process that sleeps in the middle of execve(2)', () => {
  let directory: TemporaryDirectory;
  let program: string;
  let service: Service;

  before(function () {
    directory = new TemporaryDirectory();
    chmodSync(directory.path, 0o777);
    program = compiled(this, directory, 'exec-hang');
  });

  after(() => {
    directory[Symbol.dispose]();
  });

  beforeEach(async function () {
    service = await startWithFuse(this, directory, program, directory.file('server'));
    await service.logged('FLUSH');
  });

  afterEach(() => service[Symbol.asyncDispose]());

  const pid = (): number => Number(/ready (\d+)/.exec(service.log)?.[1]);

  it('is inspected by what does not wait for it', async () => {
    const document = await inspect(directory.file('server'));
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.byPidfd?.pid, pid());
    assert.deepEqual(document.byPidfd.uids?.effective, document.credential?.uid);
    assert.match(findingText(document, 'unreadable'), /^It sleeps in the middle of execve\(2\)/);
    assert.match(whyUnavailable(document, 'byPidfd.exe') ?? '', /^given up: the process sleeps/);
  });

  it('gives no duplicate of its descriptors, and is not waited for', async () => {
    const { status, stdout } = await runPeerpid(['inspect', '--json', `/proc/${pid()}/fd/0`]);
    assert.equal(status, 1);
    assert.match(stdout, /"code":"ETIMEDOUT"/);
  });

  it('does not keep a scan from its end, which says what it did not see', async () => {
    const { stdout } = await runPeerpid(['scan', '--json']);
    const { notSeen } = JSON.parse(stdout) as ScanDocument;
    assert.ok(notSeen.processes.some((one) => one.pid === pid() && one.comm === 'exec-hang'));
    assert.ok(
      notSeen.reasons.some(({ fact, reason }) => fact === 'holders' && reason.includes('in the middle of execve(2)')),
    );
  });

  it('does not keep doctor from its end', async () => {
    const { status, stderr } = await runPeerpid(['doctor', '--json']);
    assert.ok(status === 0 || status === 4, stderr);
  });
});
