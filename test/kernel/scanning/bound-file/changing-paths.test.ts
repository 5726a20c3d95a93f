import assert from 'node:assert/strict';
import { lstatSync } from 'node:fs';

import { valueOf } from '../../../../src/words/reading.js';
import { requirePrograms } from '../../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../../helpers/machine/temporary.js';
import { BoundServer } from '../../../helpers/peers/bound-server.js';
import { Python } from '../../../helpers/peers/python.js';

/** Renames ONE to OTHER and back as fast as it can; with FLAGS 2, RENAME_EXCHANGE, both. */
const swapper = `
import ctypes, os, sys, threading
one, other, flags = os.fsencode(sys.argv[1]), os.fsencode(sys.argv[2]), int(sys.argv[3])
def end():
    sys.stdin.read(); os._exit(0)
threading.Thread(target=end, daemon=True).start()
renameat2 = ctypes.CDLL(None).renameat2
print('ready', flush=True)
while True:
    if renameat2(-100, one, -100, other, flags) or renameat2(-100, other, -100, one, flags): os._exit(1)
`;

const looks = 3000;

describe('boundFile, while a path is changed as fast as can be', () => {
  it('concludes nothing of two looks between which files were exchanged', async function () {
    requirePrograms(this, 'python3');
    using directory = new TemporaryDirectory();
    const [path, away] = [directory.file('mine'), directory.file('other')];
    await using server = await BoundServer.start(path);
    await using _other = await BoundServer.start(away);
    const [mine, others] = [lstatSync(path, { bigint: true }).ino, lstatSync(away, { bigint: true }).ino];
    await using _swapper = await Python.start(swapper, [], path, away, '2');
    const told = new Set<string | undefined>();
    for (let look = 0; look < looks; look++) {
      const found = server.look();
      const there = valueOf(found);
      told.add(there?.there);
      // Nothing is concluded then, for whatever reason
      if (there === undefined) assert.ok('error' in found);
      else if (there.there === 'moved') {
        assert.equal(there.to.toString(), away);
        assert.equal(there.by?.inode, others);
      } else assert.equal(there.there, 'bound');
      if (there !== undefined) assert.equal(there.file.inode, mine);
    }
    assert.ok(told.has('bound') && told.has('moved'));
  });

  it('calls no file deleted that is renamed to and fro', async function () {
    requirePrograms(this, 'python3');
    using directory = new TemporaryDirectory();
    const [path, away] = [directory.file('mine'), directory.file('away')];
    await using server = await BoundServer.start(path);
    await using _swapper = await Python.start(swapper, [], path, away, '0');
    const told = new Set<string | undefined>();
    for (let look = 0; look < looks; look++) {
      const found = server.look();
      const there = valueOf(found);
      told.add(there?.there);
      // Nothing is concluded then, for whatever reason
      if (there === undefined) assert.ok('error' in found);
      else if (there.there === 'moved') {
        assert.equal(there.to.toString(), away);
        assert.equal(there.by, undefined);
      } else assert.equal(there.there, 'bound');
    }
    assert.ok(told.has('bound') && told.has('moved'));
  });
});
