import assert from 'node:assert/strict';

import type { Subject } from '../../../../src/socket/access/decision.js';
import { type KeptBack, keptBack } from '../../../../src/socket/access/kept-back.js';
import { mayConnect } from '../../../../src/socket/access/may-connect.js';
import { wayTo } from '../../../../src/socket/access/way.js';
import { AccessTable, connectAs, directories, files, users } from '../../../helpers/machine/access-table.js';
import { isRoot, requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import type { Connecting } from '../../../helpers/programs/connect-as.js';

/** What connect(2) is to answer. */
function says(subject: Subject, path: string): string {
  const answer = mayConnect(subject, wayTo(Buffer.from(path)));
  if (answer.may === 'unknown') return 'unknown';
  return answer.may === 'yes' ? '0' : 'EACCES';
}

const everything = (): boolean => true;

describe('whether somebody may connect', () => {
  let table: AccessTable;
  let paths: readonly string[] = [];

  before(function () {
    requirePrograms(this, 'setfacl', 'setpriv', 'unshare');
    requireThat(this, isRoot, 'needs root, to be other users');
    table = new AccessTable();
    paths = table.paths;
  });

  after(() => {
    (table as AccessTable | undefined)?.[Symbol.dispose]();
  });

  function holds(subjects: readonly Subject[], answers: readonly string[][]): Map<string, number> {
    const counted = new Map<string, number>();
    const wrong: string[] = [];
    for (const [index, subject] of subjects.entries()) {
      for (const [number, path] of paths.entries()) {
        const answer = answers[index]?.[number] ?? 'nothing';
        counted.set(answer, (counted.get(answer) ?? 0) + 1);
        const said = says(subject, path);
        if (said !== answer) wrong.push(`${subject.uid} ${subject.gids.join()} ${path}: ${said}, and was ${answer}`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.deepEqual([...counted.keys()].sort(), ['0', 'EACCES']);
    return counted;
  }

  it(`is what connect(2) did, for ${files.length} files in ${directories.length} directories and ${users.length} users`, () => {
    const subjects = users.map((user) => ({ ...user, capabilities: 0n, maps: everything }));
    const counted = holds(subjects, connectAs({ users, paths }));
    assert.equal(
      (counted.get('0') ?? 0) + (counted.get('EACCES') ?? 0),
      files.length * directories.length * users.length,
    );
  });

  it('is what connect(2) did for root without some or any capabilities', () => {
    for (const [capabilities, bounding] of [
      [0n, '-all'],
      [1n << 1n, '-all,+dac_override'],
      [1n << 2n, '-all,+dac_read_search'],
    ] as const) {
      const wrapper = ['setpriv', '--clear-groups', '--bounding-set', bounding, '--inh-caps', '-all'];
      const answers = connectAs({ users: [], paths }, wrapper);
      if (capabilities === 1n << 1n) assert.deepEqual(new Set(answers[0]), new Set(['0']));
      else holds([{ uid: 0, gids: [0], capabilities, maps: everything }], answers);
    }
  });

  it('is no where a directory keeps somebody back whom the file lets in, as listen warns', () => {
    const nobody = 61009;
    const asOne = (of: KeptBack['of']): Connecting['users'][number] =>
      of.kind === 'user'
        ? { uid: of.id, gids: [nobody] }
        : { uid: nobody, gids: [of.kind === 'group' ? of.id : nobody] };
    const keyOf = (of: KeptBack['of']): string => JSON.stringify(of);
    const byPath = new Map(paths.map((path) => [path, keptBack(wayTo(Buffer.from(path)))]));
    const all = new Map([...byPath.values()].flat().map(({ of }) => [keyOf(of), of]));
    const answers = connectAs({ users: [...all.values()].map(asOne), paths });
    const tried = (of: KeptBack['of'], path: string): string | undefined =>
      answers[[...all.keys()].indexOf(keyOf(of))]?.[paths.indexOf(path)];
    let compared = 0;
    for (const [path, kept] of byPath) {
      const open = path.replace(/\/d-[^/]*\//, '/d-open/');
      for (const { of } of kept) {
        assert.deepEqual([tried(of, open), tried(of, path)], ['0', 'EACCES'], `${path} ${keyOf(of)}`);
        compared++;
      }
    }
    assert.ok(compared > 100, `${compared}`);
    const told = (directory: string): number =>
      [...byPath].filter(([path, kept]) => path.includes(`/d-${directory}/`) && kept.length > 0).length;
    assert.equal(told('open'), 0);
    assert.ok(told('closed') > told('of-staff') && told('of-staff') > 0);
  });

  it('is what connect(2) did on a read-only mount, which forbids to write regular files and not sockets', () => {
    const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';
    const wrapper = ['unshare', '--mount', 'sh', '-c', script, table.directory.path];
    holds(
      users.map((user) => ({ ...user, capabilities: 0n, maps: everything })),
      connectAs({ users, paths }, wrapper),
    );
  });

  it('is what connect(2) did for root of a user namespace, which has files of its own ids only', () => {
    const wrapper = ['setpriv', '--clear-groups', 'unshare', '--user', '--map-root-user'];
    const maps = (uid: number, gid: number): boolean => uid === 0 && gid === 0;
    holds([{ uid: 0, gids: [0], capabilities: ~0n & 0xffffffffffn, maps }], connectAs({ users: [], paths }, wrapper));
  });
});
