import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';

import { removeFile } from '../../../src/listening/remove-file.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';

/** The numbers of a file. */
function numbersOf(path: string): { inode: bigint; device: bigint } {
  const { ino, dev } = lstatSync(path, { bigint: true });
  return { inode: ino, device: dev };
}

describe('removeFile', () => {
  it('removes the file that was looked at, and puts another back', () => {
    using directory = new TemporaryDirectory();
    const [looked, other] = [directory.file('looked'), directory.file('other')];
    writeFileSync(looked, '');
    writeFileSync(other, 'content');
    const before = numbersOf(other);
    assert.throws(() => {
      removeFile(Buffer.from(other), numbersOf(looked));
    }, /other turned into another file while peerpid was about to remove it: it is where it was/);
    assert.deepEqual(numbersOf(other), before);
    removeFile(Buffer.from(looked), numbersOf(looked));
    assert.deepEqual(readdirSync(directory.path), ['other']);
  });

  it('says where another file is that cannot be put back', () => {
    using directory = new TemporaryDirectory();
    const path = directory.file('directory');
    mkdirSync(path);
    // A directory cannot be linked
    assert.throws(() => {
      removeFile(Buffer.from(path), { inode: 1n, device: 0n });
    }, /it is .*\.peerpid-[0-9a-f]{12} now \(EPERM\)/);
    assert.match(readdirSync(directory.path).join(' '), /^\.peerpid-[0-9a-f]{12}$/);
  });
});
