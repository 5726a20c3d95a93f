import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';

import type { ScanDocument } from '../../src/document/scan-document.js';
import { compiled, startWithFuse } from '../helpers/hostile/hostile.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import type { Service } from '../helpers/peers/service.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';

/** Sockets, each of two descriptors. */
const count = 200;

/** Each takes about a second. With the first duplicate of the file, scan did not end. */
const mostScans = 20;

describe('a process whose descriptors become files that cannot be closed', () => {
  let directory: TemporaryDirectory;
  let service: Service;
  let pid: string;

  before(async function () {
    directory = new TemporaryDirectory();
    chmodSync(directory.path, 0o777);
    service = await startWithFuse(this, directory, compiled(this, directory, 'descriptor-swap'), String(count));
    pid = /ready (\d+)/.exec(service.log)?.[1] ?? '';
  });

  after(async () => {
    await service[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  const flushes = (): number => service.log.split('FLUSH').length - 1;

  it('does not hold up who inspects one of them', async () => {
    const before = flushes();
    const { status, stderr } = await runPeerpid(['inspect', `/proc/${pid}/fd/9`]);
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`^peerpid: /proc/${pid}/fd/9 is not a socket\n`));
    assert.ok(flushes() > before, 'the file was closed by somebody');
  });

  it('does not hold up a scan, which shows all of its sockets', async () => {
    const before = flushes();
    for (let scans = 0; scans < mostScans && flushes() === before; scans++) {
      const { status, stdout } = await runPeerpid(['scan', '--json', '--pid', pid]);
      assert.notEqual(status, null);
      const { sockets } = JSON.parse(stdout) as ScanDocument;
      assert.equal(sockets.filter(({ address }) => address?.startsWith('@swap-')).length, count);
    }
    assert.ok(flushes() > before, 'no scan met the file');
  });
});
