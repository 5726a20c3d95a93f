import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Listening } from '../../helpers/running/listening.js';

const source = fileURLToPath(new URL('../../../../test/helpers/programs/flush-hang.c', import.meta.url));

function hasFuse(): boolean {
  try {
    accessSync('/dev/fuse');
    return true;
  } catch {
    return false;
  }
}

for (const type of ['stream', 'dgram'] as const) {
  it(`listen serves others, and ends, while a descriptor that was sent cannot be closed: ${type}`, async function () {
    requirePrograms(this, 'cc');
    requireThat(this, isRoot && hasFuse(), 'a FUSE takes root and /dev/fuse');
    using directory = new TemporaryDirectory();
    const [program, mount, path] = ['hang', 'mount', 'socket'].map((name) => directory.file(name)) as [
      string,
      string,
      string,
    ];
    execFileSync('cc', ['-w', '-o', program, source]);
    mkdirSync(mount);
    await using listening = await Listening.start(['--type', type, path]);
    const ended = once(listening.child.stdout, 'end');
    const hanging = spawn(program, ['/dev/fuse', mount, path, ...(type === 'dgram' ? [type] : [])]);
    try {
      let told = '';
      const asked = new Promise<void>((resolve) => {
        hanging.stderr.on('data', (text: Buffer) => {
          told += text.toString();
          if (told.includes('FLUSH')) resolve();
        });
      });
      assert.deepEqual((await listening.next('message')).passed.length, 1);
      await asked;
      await using client = await Peer.start();
      const fd = await client.number('connect', path, type);
      const file = await client.number('open', '/etc/passwd');
      await client.do('sendmsg', fd, 'other', { pass: [file] });
      assert.equal((await listening.next('message')).preview, 'other');
      listening.child.kill('SIGTERM');
      assert.equal(await listening.exitStatus, 0);
      // Nor does anybody wait for the end of its output
      await listening.next('summary');
      await ended;
    } finally {
      // With the FUSE's end its files are closed
      hanging.kill('SIGKILL');
    }
  });
}
