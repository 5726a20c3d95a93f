import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

import { AccessTable, connectAs, users } from '../../../helpers/machine/access-table.js';
import { isRoot, requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import { built } from '../../../helpers/running/program-root.js';

type User = (typeof users)[number];

function hints({ uid, gids: [gid, ...others] }: User, paths: readonly string[]): string[] {
  const groups = others.length === 0 ? ['--clear-groups'] : ['--groups', others.join(',')];
  const program = [process.execPath, built('test/helpers/programs/why-denied.js')];
  const args = ['--reuid', `${uid}`, '--regid', `${gid}`, ...groups, ...program];
  return JSON.parse(execFileSync('setpriv', args, { input: JSON.stringify(paths), encoding: 'utf8' })) as string[];
}

describe('the hint of a connect(2) that is refused', () => {
  let table: AccessTable;

  before(function () {
    requirePrograms(this, 'setfacl', 'setpriv');
    requireThat(this, isRoot, 'needs root, to be other users');
    table = new AccessTable();
  });

  after(() => {
    (table as AccessTable | undefined)?.[Symbol.dispose]();
  });

  it('agrees with connect(2) for each file, directory and user, and a group that it names would be let in', () => {
    const answers = connectAs({ users, paths: table.paths });
    const kinds = new Set<string>();
    for (const [index, user] of users.entries()) {
      const answered = (code: string): string[] => table.paths.filter((_, number) => answers[index]?.[number] === code);
      for (const hint of hints(user, answered('0').slice(0, 3))) assert.match(hint, /^Modes and .* let you in now/);
      const advised = new Map<number, Set<string>>();
      const refused = answered('EACCES');
      for (const [number, hint] of hints(user, refused).entries()) {
        const path = refused[number] ?? '';
        const said = /^(?:You may not enter (\S+) \(.*?\)|Its mode is [^:]*): (.*)$/.exec(hint);
        assert.ok(said, `${user.uid} ${path}: ${hint}`);
        assert.doesNotMatch(hint, /chmod [og]|setfacl/);
        const [, directory, advice = ''] = said;
        kinds.add(advice.replace(/(?:gid|uid) \d+/g, 'ID').replace(/`[^`]*`/g, 'COMMAND'));
        // What is behind a directory is not seen: a file that anybody may write is to be reached
        const then = directory === undefined ? path : `${directory}/0666`;
        for (const [gid] of / is not a member of group ([^.]*)\./.exec(advice)?.[1]?.matchAll(/\d+/g) ?? []) {
          advised.set(Number(gid), (advised.get(Number(gid)) ?? new Set()).add(then));
        }
      }
      for (const [gid, paths] of advised) {
        const member = { uid: user.uid, gids: [...user.gids, gid] as [number, ...number[]] };
        const [row = []] = connectAs({ users: [member], paths: [...paths] });
        assert.deepEqual([...new Set(row)], ['0'], `${user.uid} in ${gid}`);
      }
    }
    // Each kind of entry has decided
    for (const kind of [
      /^you own it/,
      /^its list has an entry for you/,
      /^its list has an entry that would let you in, but the mask/,
      /^the list's entry for your group .* would let you in, but the mask/,
      /is not a member of group ID\./,
      /is not a member of group ID or ID\./,
      /^only root may\./,
      /^only ID and root may\./,
      /Group ID is let in here, but kept out elsewhere on the path\.$/,
    ])
      assert.ok(
        [...kinds].some((text) => kind.test(text)),
        `${kind} in\n${[...kinds].join('\n')}`,
      );
  });
});
