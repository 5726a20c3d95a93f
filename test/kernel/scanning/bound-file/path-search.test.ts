import assert from 'node:assert/strict';
import { linkSync, mkdirSync, unlinkSync } from 'node:fs';

import { PathSearch } from '../../../../src/scanning/bound-file/path-search.js';
import { valueOf } from '../../../../src/words/reading.js';
import { requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import { Room } from '../../../helpers/machine/room.js';
import { runInjected, whyNoStrace } from '../../../helpers/machine/strace.js';
import { TemporaryDirectory } from '../../../helpers/machine/temporary.js';
import { BoundServer } from '../../../helpers/peers/bound-server.js';
import { Python } from '../../../helpers/peers/python.js';

const others = 300;

/** Listeners whose files have a name only in another directory than the one in which they were bound, among others. */
const renamedAway = `
import os, socket, stat, sys
inside, elsewhere, others, listeners = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
os.mkdir(inside); os.mkdir(elsewhere)
for n in range(others): os.mknod(f'{inside}/x{n}', stat.S_IFSOCK | 0o666)
keep = []
for n in range(listeners):
    s = socket.socket(socket.AF_UNIX); s.bind(f'{inside}/s{n}'); s.listen(1); keep.append(s)
    os.link(f'{inside}/s{n}', f'{elsewhere}/s{n}'); os.unlink(f'{inside}/s{n}')
print('ready', flush=True)
sys.stdin.read()
`;

/** Gives the file another name beside the one that was bound, which is gone then. */
async function renamedBeside(path: string): Promise<BoundServer> {
  const server = await BoundServer.start(path);
  linkSync(path, `${path}-renamed`);
  unlinkSync(path);
  return server;
}

describe('the search for files that were renamed', () => {
  it('says that it was not gone through with, rather than that the file is nowhere', async () => {
    using directory = new TemporaryDirectory();
    await using server = await renamedBeside(directory.file('socket'));
    assert.equal(server.there(), 'moved');
    const found = server.look([server.holder], new PathSearch(3));
    assert.ok('error' in found);
    assert.equal(found.error.syscall, 'the file has a name, but the search for it was not finished');
  });

  it('is bounded for all files together', async () => {
    using directory = new TemporaryDirectory();
    const search = new PathSearch(20);
    const found: (string | undefined)[] = [];
    for (const name of ['a', 'b', 'c']) {
      mkdirSync(directory.file(name));
      await using server = await renamedBeside(directory.file(`${name}/socket`));
      found.push(valueOf(server.look([server.holder], search))?.there);
    }
    assert.deepEqual([found[0], found[2]], ['moved', undefined]);
  });

  it('reads a directory once, however many listeners ask for it', async function () {
    requirePrograms(this, 'python3');
    const why = whyNoStrace();
    requireThat(this, why === undefined, why ?? '');
    const looks = async (listeners: number): Promise<number> => {
      using directory = new TemporaryDirectory();
      await using room = await Room.make();
      const [inside, elsewhere] = [directory.file('inside'), directory.file('elsewhere')];
      await using _ = await Python.start(renamedAway, room.enter, inside, elsewhere, `${others}`, `${listeners}`);
      const { calls } = await runInjected(['scan'], ['openat2'], [], { wrapper: room.enter });
      return calls.filter((call) => /"x\d+"/.test(call)).length;
    };
    const [few, many] = [await looks(2), await looks(12)];
    assert.ok(few >= others, `${few} looks at ${others} files`);
    assert.equal(many, few);
  });
});
