import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';

import { AccessTable, connectAs, users } from '../../../helpers/machine/access-table.js';
import { idmapped, immutableSocket } from '../../../helpers/machine/idmapped.js';
import { isRoot, requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../../helpers/machine/temporary.js';
import type { Connecting } from '../../../helpers/programs/connect-as.js';
import { built } from '../../../helpers/running/program-root.js';
import { runPeerpid } from '../../../helpers/running/run-peerpid.js';

const root = { uid: 0, gids: [0] } as const;

/** What mayConnect() says of whom connectAs() tries. */
function told(connecting: Connecting, wrapper: readonly string[]): string[][] {
  const [program, ...args] = [...wrapper, process.execPath, built('test/helpers/programs/told-of-connecting.js')];
  return JSON.parse(execFileSync(program, args, { input: JSON.stringify(connecting), encoding: 'utf8' })) as string[][];
}

describe('what lets nobody write a socket’s file', () => {
  before(function () {
    requirePrograms(this, 'unshare', 'python3', 'setfacl');
    requireThat(this, isRoot, 'needs root, to mount');
  });

  it('is no id on an idmapped mount: the others are those that it shows', () => {
    using table = new AccessTable();
    const { paths } = table;
    // Neither uid 61001 nor gid 62002 is mapped, and 61002 is shown as 61003
    const wrapper = idmapped(table.directory.path, '0 0 1,61002 61003 1,61003 61002 1', '0 0 1,62001 62001 1');
    const all = [root, ...users];
    const tried = connectAs({ users: all, paths }, wrapper);
    const says = told({ users: all, paths }, wrapper);
    const pairs = new Map<string, number>();
    for (const [index, row] of tried.entries()) {
      for (const [number, answer] of row.entries()) {
        const pair = `${says[index]?.[number] ?? ''} ${answer}`;
        pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
      }
    }
    assert.deepEqual([...pairs.keys()].sort(), ['no EACCES', 'unknown EACCES', 'yes 0']);
    // Files of ann, whom the mount does not map: what everybody may write, root may not either
    const ofAnn = paths.findIndex((path) => path.endsWith('/d-open/0222'));
    assert.deepEqual([tried[0]?.[ofAnn], says[0]?.[ofAnn]], ['EACCES', 'unknown']);
    // Without the mount
    assert.equal(connectAs({ users: [root], paths: [paths[ofAnn] ?? ''] })[0]?.[0], '0');
  });

  it('is told of by inspect, for an id that the mount may not map', async () => {
    using table = new AccessTable();
    const path = `${table.directory.path}/d-open/0222`;
    const wrapper = idmapped(table.directory.path, '0 0 1', '0 0 1');
    const connecting = await runPeerpid(['inspect', '--no-connect', path], { wrapper });
    assert.match(
      connecting.stdout,
      /: anybody may send, or nobody, if its owner or group is one that its idmapped mount does not map\n/,
    );
    const { stderr } = await runPeerpid(['send', path, 'x'], { wrapper });
    assert.match(stderr, /d-open\/0222 is on an idmapped mount, which shows uid 65534 and gid 65534: if one of/);
    assert.doesNotMatch((await runPeerpid(['inspect', '--no-connect', path])).stdout, /or nobody/);
  });

  it('is that it is immutable', async function () {
    requirePrograms(this, 'mkfs.ext4', 'debugfs', 'mount');
    using directory = new TemporaryDirectory();
    const wrapper = immutableSocket(directory.path);
    const path = `${directory.path}/mounted/socket`;
    const again = (): void => {
      rmSync(`${directory.path}/mounted`, { recursive: true, force: true });
    };
    assert.deepEqual(connectAs({ users: [root, users[0]], paths: [path] }, wrapper), [['EPERM'], ['EPERM']]);
    again();
    assert.deepEqual(told({ users: [root, users[0]], paths: [path] }, wrapper), [['no'], ['no']]);
    again();
    const { stderr, status } = await runPeerpid(['inspect', path], { wrapper });
    assert.match(
      stderr,
      /you may not connect to \S+socket\n {2}hint: Its mode is 0666 root root: its file is immutable: the kernel lets nobody write it, not even root/,
    );
    assert.equal(status, 1);
  });
});
