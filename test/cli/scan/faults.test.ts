import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

import type { ScanDocument } from '../../../src/document/scan-document.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { type Refusable, refusing } from '../../helpers/machine/seccomp.js';
import { placesOf, whenOf, whyNoStrace } from '../../helpers/machine/strace.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { built } from '../../helpers/running/program-root.js';
import { type Outcome, runPeerpid } from '../../helpers/running/run-peerpid.js';
import { Scanned } from '../../helpers/running/scan.js';

const { EPERM, EACCES, ENOSYS, EINVAL, ENOPROTOOPT, EPROTONOSUPPORT, EAFNOSUPPORT, EMFILE } = constants.errno;
const SO_PEERCRED = { argument: 2, is: 17 };
const SO_PEERPIDFD = { argument: 2, is: 77 };
const AF_NETLINK = { argument: 0, is: 16 };

const program = built('test/helpers/programs/scan.js');

interface Faulty {
  readonly status: number | null;
  readonly scanned: Scanned;
}

describe('scan in sandboxes and on other kernels', () => {
  const name = freshName();
  let room: Room;
  let client: Peer;
  let listener: number;
  let accepted: number;
  /** Of a client that has ended. */
  let orphaned: number;

  before(async function () {
    requirePrograms(this, 'unshare', 'nsenter', 'python3');
    requireThat(this, isRoot, 'namespaces take root');
    room = await Room.make();
    client = await Peer.start({ wrapper: room.enter });
    const ended = await Peer.start({ wrapper: room.enter });
    listener = await room.init.number('listen', name);
    await client.do('connect', name);
    accepted = await room.init.number('accept', listener);
    await ended.do('connect', name);
    orphaned = await room.init.number('accept', listener);
    await ended.exit(7);
  });

  after(async () => {
    await client[Symbol.asyncDispose]();
    await room[Symbol.asyncDispose]();
  });

  async function run(sandbox: readonly string[], ...flags: string[]): Promise<Outcome> {
    const outcome = await runPeerpid(['scan', ...flags], { wrapper: [...room.enter, ...sandbox] });
    assert.equal(outcome.signal, null);
    assert.doesNotMatch(outcome.stdout + outcome.stderr, /bug in peerpid/i);
    return outcome;
  }

  async function faulty(sandbox: readonly string[], ...flags: string[]): Promise<Faulty> {
    const { status, stdout, stderr } = await run(sandbox, '--json', ...flags);
    assert.equal(stderr, '');
    return { status, scanned: new Scanned(JSON.parse(stdout) as ScanDocument) };
  }

  /** The rows of the scene. */
  const rowsOf = ({ scanned }: Faulty): Scanned['document']['sockets'] => scanned.at(name);

  it('nothing refused: what there is to see', async () => {
    const { scanned, status } = await faulty([]);
    const verdicts = rowsOf({ scanned, status }).map(({ verdict }) => verdict);
    assert.deepEqual(verdicts.sort(), ['exited', 'pinned', 'pinned']);
    assert.equal(status, 3);
  });

  for (const [call, errno, code, reason] of [
    ['pidfd_getfd', EPERM, 'EPERM', /may not be traced even with CAP_SYS_PTRACE.*a sandbox forbids it/],
    [
      'pidfd_getfd',
      ENOSYS,
      'ENOSYS',
      /^pidfd_getfd\(2\) is not there: it needs Linux 5\.6, and a sandbox may forbid it$/,
    ],
    [
      'pidfd_open',
      ENOSYS,
      'ENOSYS',
      /^pidfd_open\(2\) is not there: it needs Linux 5\.3, and a sandbox may forbid it$/,
    ],
    ['pidfd_open', EPERM, 'EPERM', /^pidfd_open\(2\) is refused, as in a sandbox: operation not permitted \(EPERM\)$/],
    ['pidfd_getfd', EMFILE, 'EMFILE', /too few files at once/],
  ] as const) {
    it(`${call}: ${code}: holders without verdicts, why, and exit status 1`, async () => {
      const sandbox = refusing(call, errno);
      const outcome = await faulty(sandbox);
      assert.equal(outcome.status, 1);
      const rows = rowsOf(outcome);
      assert.equal(rows.length, 3);
      for (const { verdict, credential, holders, unavailable } of rows) {
        assert.deepEqual([verdict, credential], [undefined, undefined]);
        assert.deepEqual(
          holders.map(({ pid }) => pid),
          [room.init.ownPid],
        );
        assert.ok(
          unavailable.some(
            (row) => row.code === code && row.reason.startsWith(`${call}: `) && row.reason.endsWith(` (${code})`),
          ),
          JSON.stringify(unavailable),
        );
      }
      const { notSeen, summary, sockets } = outcome.scanned.document;
      assert.equal(notSeen.notAsked, sockets.filter(({ holders }) => holders.length > 0).length);
      assert.deepEqual(summary.verdicts, {});
      assert.equal(notSeen.reasons.length, 1, JSON.stringify(notSeen.reasons));
      const [why] = notSeen.reasons;
      assert.equal(why?.fact, 'credentials');
      assert.match(why.reason, reason);
      const { stdout, status } = await run(sandbox);
      assert.equal(status, 1);
      assert.match(stdout, /^\d+ sockets could not be asked for their credentials$/m);
      assert.ok(stdout.includes(`\nwhy no credential: ${why.reason}\n`));
    });
  }

  it('SO_PEERPIDFD: ENOPROTOOPT, as before Linux 6.5: unpinned, exit status 3', async () => {
    const outcome = await faulty(refusing('getsockopt', ENOPROTOOPT, SO_PEERPIDFD));
    assert.equal(outcome.status, 3);
    const rows = rowsOf(outcome);
    assert.deepEqual(
      rows.map(({ verdict, basis, byPidfd }) => [verdict, basis, byPidfd]),
      rows.map(() => ['unpinned', 'credential', null]),
    );
    const live = outcome.scanned.of({ pid: room.initPid }, accepted);
    assert.equal(live.byPid?.pid, client.ownPid);
    assert.match(live.text ?? '', /no pidfd \(ENOPROTOOPT\)/);
    const { stdout } = await run(refusing('getsockopt', ENOPROTOOPT, SO_PEERPIDFD));
    assert.match(stdout, /client: PID \d+, no pidfd/);
    const reason = 'getsockopt(SO_PEERPIDFD): there is no such option here (ENOPROTOOPT)';
    assert.deepEqual(outcome.scanned.document.notSeen.reasons, [{ fact: 'pidfds', reason }]);
    assert.ok(stdout.includes(`\nwhy no pidfd: ${reason}\n`), stdout);
  });

  it('SO_PEERPIDFD: EINVAL for our own socketpair too: unpinned, nobody is said to have ended', async () => {
    const outcome = await faulty(refusing('getsockopt', EINVAL, SO_PEERPIDFD));
    assert.equal(outcome.status, 3);
    assert.deepEqual(
      rowsOf(outcome).map(({ verdict }) => verdict),
      ['unpinned', 'unpinned', 'unpinned'],
    );
  });

  it('SO_PEERPIDFD: EINVAL for these peers alone: they have ended, by refusal', function () {
    requirePrograms(this, 'strace');
    const why = whyNoStrace();
    requireThat(this, why === undefined, why ?? '');
    using directory = new TemporaryDirectory();
    const output = directory.file('trace');
    const traced = (...injections: string[]): Scanned => {
      const strace = [
        'strace',
        '-qq',
        '-o',
        output,
        '-e',
        'trace=getsockopt',
        ...injections,
        process.execPath,
        program,
      ];
      const [nsenter = '', ...args] = room.enter;
      return new Scanned(JSON.parse(execFileSync(nsenter, [...args, ...strace], { encoding: 'utf8' })) as ScanDocument);
    };
    const sockets = traced().document.sockets.length;
    // One of each socket; then the peers are looked at
    const places = placesOf(readFileSync(output, 'latin1').split('\n'), 'getsockopt', /SO_PEERPIDFD|0x4d/);
    const scanned = traced('-e', `inject=getsockopt:error=EINVAL:when=${whenOf(places.slice(0, sockets))}`);
    const live = scanned.of({ pid: room.initPid }, accepted);
    assert.deepEqual([live.verdict, live.basis, live.byPid?.pid], ['recycled', 'refusal', client.ownPid]);
    const gone = scanned.of({ pid: room.initPid }, orphaned);
    assert.deepEqual([gone.verdict, gone.basis, gone.byPid, gone.byPidfd], ['exited', 'refusal', null, null]);
  });

  it('SO_PEERCRED refused: none, by which nobody is fooled, and exit status 3', async () => {
    const sandbox = refusing('getsockopt', EPERM, SO_PEERCRED);
    const outcome = await faulty(sandbox);
    assert.equal(outcome.status, 3);
    for (const { verdict, findings } of rowsOf(outcome)) {
      assert.equal(verdict, 'none');
      assert.ok(findings.some(({ id }) => id === 'credential-refused'));
    }
    const { stdout } = await run(sandbox);
    assert.match(stdout, /^ *none .*credential-refused/m);
    assert.doesNotMatch(stdout, /PID 0/);
  });

  for (const [call, errno, code, status, hint] of [
    ['socket', EPERM, 'EPERM', 1, /RestrictAddressFamilies=.*AF_NETLINK/],
    ['socket', EACCES, 'EACCES', 1, /RestrictAddressFamilies=.*AF_NETLINK/],
    ['socket', EAFNOSUPPORT, 'EAFNOSUPPORT', 4, /RestrictAddressFamilies=.*AF_NETLINK/],
    ['socket', EPROTONOSUPPORT, 'EPROTONOSUPPORT', 4, /modprobe unix_diag/],
  ] as const) {
    it(`socket(AF_NETLINK): ${code}: one line, what helps, and exit status ${status}`, async () => {
      await assertRefused(refusing(call, errno, AF_NETLINK), code, status, hint);
    });
  }

  it('a kernel without unix_diag: what helps, and exit status 4', async function () {
    requirePrograms(this, 'strace');
    const why = whyNoStrace();
    requireThat(this, why === undefined, why ?? '');
    // struct nlmsghdr of 36 bytes, NLMSG_ERROR, and in it -ENOENT. netlink(7)
    const answer = `\\x24\\x00\\x00\\x00\\x02${'\\x00'.repeat(11)}\\xfe\\xff\\xff\\xff${'\\x00'.repeat(16)}`;
    const injection = `inject=recvfrom:retval=36:poke_exit=@arg2=${answer.replaceAll('\\x', '')}`;
    const sandbox = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=recvfrom', '-e', injection];
    await assertRefused(sandbox, 'ENOENT', 4, /modprobe unix_diag/);
  });

  async function assertRefused(sandbox: readonly string[], code: string, status: number, hint: RegExp): Promise<void> {
    for (const flags of [['--no-audit'], ['--own-namespace']]) {
      const text = await run(sandbox, ...flags);
      assert.deepEqual([text.status, text.stdout], [status, '']);
      const [line, hintLine, ...rest] = text.stderr.trimEnd().split('\n');
      assert.match(line ?? '', new RegExp(`^peerpid: .*\\(${code}\\)$`));
      assert.match([hintLine, ...rest].join(' '), hint);
    }
    const json = await run(sandbox, '--json');
    assert.deepEqual([json.status, json.stderr], [status, '']);
    const { error } = JSON.parse(json.stdout) as { error: { code: string; hint: string } };
    assert.equal(error.code, code);
    assert.match(error.hint, hint);
  }

  it('readlinkat: EACCES: no process was seen, and that is said', async () => {
    const call: Refusable = 'readlinkat';
    const outcome = await faulty(refusing(call, EACCES), '--source', 'proc');
    assert.equal(outcome.status, 1);
    const { sockets, notSeen } = outcome.scanned.document;
    assert.ok(rowsOf(outcome).every(({ holders, verdict }) => holders.length === 0 && verdict === undefined));
    assert.equal(notSeen.withoutHolder, sockets.length);
    for (const pid of [room.init.ownPid, client.ownPid]) assert.ok(notSeen.processes.some((one) => one.pid === pid));
    assert.deepEqual(
      notSeen.reasons.map(({ fact }) => fact),
      ['holders'],
    );
  });

  it('setns: EPERM: the other namespaces are not looked into, and that is said', async () => {
    await using other = await Peer.start({ wrapper: [...room.enter, 'unshare', '--net'] });
    await other.do('listen', name);
    const wrapper = [...room.enter, ...refusing('setns', EPERM)];
    const { status, stdout } = await runPeerpid(['scan', '--json'], { wrapper, everywhere: true });
    const outcome = { status, scanned: new Scanned(JSON.parse(stdout) as ScanDocument) };
    assert.equal(outcome.status, 3);
    assert.equal(rowsOf(outcome).length, 3);
    const { networkNamespaces, notSeen } = outcome.scanned.document;
    const refused = networkNamespaces.find(({ process }) => process?.pid === other.ownPid);
    assert.deepEqual([refused?.listed, refused?.refused], [false, 'setns net: operation not permitted (EPERM)']);
    assert.ok(notSeen.networkNamespaces >= 1);
  });
}).timeout(60_000);
