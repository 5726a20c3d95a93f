import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';

import { guardedDirectories } from '../../../src/socket/guards.js';
import { valueOf } from '../../../src/words/reading.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';

describe('guardedDirectories', () => {
  it('finds the directory that others may not enter, through a symbolic link and with any byte', () => {
    using directory = new TemporaryDirectory();
    const guarded = Buffer.concat([Buffer.from(directory.file('a')), Buffer.of(0xff)]);
    mkdirSync(guarded);
    chmodSync(guarded, 0o750);
    const file = Buffer.concat([guarded, Buffer.from('/socket')]);
    writeFileSync(file, '');
    const link = Buffer.from(directory.file('link'));
    symlinkSync(guarded, link);
    for (const path of [file, Buffer.concat([link, Buffer.from('/socket')])]) {
      const found = valueOf(guardedDirectories(path))?.find((one) => one.path.equals(guarded));
      assert.equal((found?.mode ?? 0) & 0o7777, 0o750);
    }
  });

  it('does not know the way to a file that is gone', () => {
    assert.ok('error' in guardedDirectories(Buffer.from('/nowhere/at/all')));
  });
});
