import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants } from 'node:os';

import { uapi } from '../../../native-probe/uapi.js';
import { assertProblem, asUser } from '../../helpers/assert-problem.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { refusing } from '../../helpers/machine/seccomp.js';
import { built } from '../../helpers/running/program-root.js';
import { countsOf, mayRace, race } from '../../helpers/running/race.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

/** A command that runs another after a shell's command, in new namespaces of these kinds. */
function prepared(unshare: readonly string[], shell: string, ...then: readonly string[]): string[] {
  return ['unshare', ...unshare, 'sh', '-c', `${shell}; exec "$@"`, 'sh', ...then];
}

const readOnly = ['--mount'];
const remount = 'mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys';
const noUserNamespaces = 'echo 0 >/proc/sys/user/max_user_namespaces';

describe('a race where not all is allowed', () => {
  before(function () {
    requirePrograms(this, 'unshare', 'setpriv', 'python3');
    requireThat(this, isRoot, 'it takes root to forbid it');
    requireThat(this, mayRace(), 'PID namespaces may not be made here');
  });

  it('gives the number by clone3(2) where ns_last_pid cannot be written, and says that there are no start times', async () => {
    const wrapper = prepared(readOnly, remount);
    const { document, outcome } = await race(['--rounds', '20'], { wrapper });
    assert.deepEqual([outcome.status, outcome.stderr], [0, '']);
    assert.equal(document.takenBy, 'set_tid');
    assert.deepEqual(document.verdicts, { recycled: 20 });
    assert.deepEqual(countsOf(document, 'peer-pidfd').tooLate, { fooled: 0, tried: 20 });
    assert.deepEqual(countsOf(document, 'pid').tooLate, { fooled: 20, tried: 20 });
    // The /proc that is there is another PID namespace's, and a new one would show what is hidden in it
    assert.deepEqual(countsOf(document, 'start-time').inTime, { fooled: 0, tried: 0 });
    assert.equal(document.exchange.inspection.byPid?.comm, 'impostor');
    const { stdout } = await runPeerpid(['race'], { wrapper });
    assert.match(stdout, /impostor gets the PID\. +PID (\d+), pidfd id \d+, by clone3\(2\), set_tid\n/);
    assert.match(stdout, /\n {2}PID with start time +not here +not here\n/);
    assert.match(stdout, /there is no \/proc of the PID namespace/);
  });

  it('does without a user namespace as root', async () => {
    const wrapper = prepared(['--user', '--map-root-user'], noUserNamespaces);
    const { document, outcome } = await race(['--rounds', '5'], { wrapper });
    assert.deepEqual([outcome.status, outcome.stderr], [0, '']);
    assert.equal(document.userNamespace, false);
    assert.deepEqual(document.verdicts, { recycled: 5 });
  });

  it('says what forbids namespaces, and how to allow them', async () => {
    const powerless = ['setpriv', '--inh-caps=-all', '--bounding-set=-all'];
    await assertProblem(
      ['race'],
      {
        status: 4,
        message: /^cannot create namespaces to race in \(clone: ENOSPC\)$/,
        hint: /^user\.max_user_namespaces is 0, which forbids it: run it as root, .*=15000` would let every user/,
      },
      { wrapper: prepared(['--user', '--map-root-user'], noUserNamespaces, ...powerless) },
    );
  });

  it('says of root whether it is a capability that is lacking, as far as it is seen', function () {
    const module = built('src/racing/ways-to-namespaces.js');
    const code = `const { waysToNamespaces } = await import(${JSON.stringify(module)}); console.log(waysToNamespaces());`;
    const tell = (...wrapper: string[]): string => {
      const [program, ...args] = [...wrapper, process.execPath, '--input-type=module', '-e', code];
      return execFileSync(program, args, { encoding: 'utf8' });
    };
    const free = tell();
    requireThat(this, !/^A seccomp|^\S+ is \d/.test(free), 'something else is seen to forbid it here');
    assert.match(free, /^Root has CAP_SYS_ADMIN here, so it may be /);
    assert.match(
      tell('setpriv', '--inh-caps=-all', '--bounding-set=-all'),
      /^Root has no CAP_SYS_ADMIN here, as in a container: /,
    );
    const filtered = tell(...refusing('clone3', constants.errno.ENOSYS));
    assert.match(
      filtered,
      /^This process is under a seccomp filter, as in a container, which may forbid it: run it outside\.$/m,
    );
  });

  it('says that the number cannot be given away, where neither way is open', async () => {
    const { ENOSYS } = constants.errno;
    await assertProblem(
      ['race'],
      {
        status: 4,
        message: /^the kernel does not let us choose the PID of a new process: ns_last_pid /,
        hint: /seccomp/,
      },
      { wrapper: prepared(readOnly, remount, ...refusing('clone3', ENOSYS)) },
    );
  });

  it('shows how all are deceived where there is no SO_PEERPIDFD, and claims no more', async () => {
    const wrapper = refusing('getsockopt', constants.errno.ENOPROTOOPT, { argument: 2, is: uapi.SO_PEERPIDFD });
    const { document, outcome } = await race(['--rounds', '5'], { wrapper });
    assert.deepEqual([outcome.status, outcome.stderr], [4, '']);
    assert.equal(document.shown, false);
    assert.deepEqual(document.verdicts, { unpinned: 5 });
    assert.deepEqual(countsOf(document, 'pid').tooLate, { fooled: 5, tried: 5 });
    assert.deepEqual(countsOf(document, 'peer-pidfd').tooLate, { fooled: 0, tried: 0 });
    assert.deepEqual(countsOf(document, 'verdict').tooLate, { fooled: 0, tried: 5 });
    const { stdout, status } = await runPeerpid(['race'], { wrapper });
    assert.equal(status, 4);
    assert.match(stdout, /\nBy verdict of peerpid the client was not recognised even while it was alive\.\n/);
    assert.match(stdout, /\n {2}SO_PEERPIDFD +refused \(ENOPROTOOPT\)\n/);
    assert.match(
      stdout,
      /\nUNPINNED {2}.*There is no SO_PEERPIDFD here .*, which alone is right whenever it is asked\.\n$/,
    );
  });

  it('does without a user namespace where /proc/PID may be another process than its own', async () => {
    const elsewhere = ['unshare', '--pid', '--fork'];
    const { document } = await race(['--rounds', '1'], { wrapper: elsewhere });
    assert.equal(document.userNamespace, false);
    await assertProblem(
      ['race'],
      { status: 4, message: /since \/proc does not show this PID namespace$/, hint: /^Mount the \/proc/ },
      { wrapper: [...elsewhere, ...(asUser(54321, 54321).wrapper ?? [])] },
    );
  });
});
