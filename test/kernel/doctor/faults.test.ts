import assert from 'node:assert/strict';

import type { Ability, DoctorDocument, DoctorRow } from '../../../src/document/doctor-document.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { type Fault, runWithFaults, whyNoStrace } from '../../helpers/machine/strace.js';

/** What each errno means for a row, as kernels and sandboxes answer it. */
const meaning = { ENOPROTOOPT: 'does-not', EINVAL: 'does-not', ENOSYS: 'does-not', EPERM: 'may-not' } as const;
type Code = keyof typeof meaning;

/** A row, and the call that is answered in the kernel's place: of which name, and what its line has. */
const interfaces: readonly (readonly [id: string, call: string, matching: RegExp, extent?: 'onwards'])[] = [
  ['so-peercred', 'getsockopt', /SO_PEERCRED/],
  ['so-peergroups', 'getsockopt', /SO_PEERGROUPS/],
  ['so-peersec', 'getsockopt', /SO_PEERSEC/],
  ['so-peerpidfd', 'getsockopt', /SO_PEERPIDFD|0x4d/],
  ['reaped-peer', 'getsockopt', /SO_PEERPIDFD|0x4d/],
  ['scm-credentials', 'setsockopt', /SO_PASSCRED/],
  ['scm-pidfd', 'setsockopt', /SO_PASSPIDFD|0x4c/],
  ['reaped-sender', 'setsockopt', /SO_PASSPIDFD|0x4c/],
  ['so-passrights', 'setsockopt', /SO_PASSRIGHTS|0x53/],
  ['pidfd-open', 'pidfd_open', /./, 'onwards'],
  ['pidfd-info', 'ioctl', /0xff, 0xb,|PIDFD_GET_INFO/, 'onwards'],
  ['exit-status', 'ioctl', /0xff, 0xb,|PIDFD_GET_INFO/, 'onwards'],
  ['namespace-ioctls', 'ioctl', /0xff, 0x[1-9a],|PIDFD_GET_.*_NAMESPACE/, 'onwards'],
  ['unix-diag', 'socket', /AF_NETLINK/],
  ['pidfd-getfd', 'pidfd_getfd', /./, 'onwards'],
  ['siocunixfile', 'ioctl', /SIOCUNIXFILE|SIOCPROTOPRIVATE|0x89, 0xe0/],
];

async function doctor(args: readonly string[], faults: readonly Fault[]): Promise<[DoctorDocument, number | null]> {
  const { stdout, stderr, status } = await runWithFaults(['doctor', '--json', ...args], faults);
  assert.equal(stderr, '');
  return [JSON.parse(stdout) as DoctorDocument, status];
}

function rowOf({ rows }: DoctorDocument, id: string): DoctorRow {
  const row = rows.find((one) => one.id === id);
  assert.ok(row, id);
  return row;
}

describe('peerpid doctor, by fault injection', () => {
  before(function () {
    requirePrograms(this, 'strace');
    const reason = whyNoStrace();
    requireThat(this, reason === undefined, `nothing can be traced: ${reason ?? ''}`);
  });

  for (const [id, call, matching, extent] of interfaces) {
    for (const [code, expected] of Object.entries(meaning) as [Code, Ability][]) {
      it(`${call} for ${id}: ${code}: ${expected}`, async () => {
        const answer = `error=${code}`;
        const fault: Fault = extent === undefined ? [call, matching, answer] : [call, matching, answer, extent];
        const [document, status] = await doctor([id], [fault]);
        const row = rowOf(document, id);
        assert.equal(row.ability, expected, row.detail);
        assert.equal(row.error?.code, code);
        assert.ok(row.without);
        assert.equal(status, 4);
      });
    }
  }

  for (const code of ['ENOPROTOOPT', 'EINVAL', 'ENOSYS', 'EPERM'] as const) {
    it(`no pidfd of a peer (${code}): no verdicts can be had, and it is said`, async () => {
      const [document, status] = await doctor([], [['getsockopt', /SO_PEERPIDFD|0x4d/, `error=${code}`]]);
      assert.equal(rowOf(document, 'so-peerpidfd').ability, meaning[code]);
      assert.equal(document.verdicts?.possible, false);
      assert.match(document.verdicts.detail, /the verdict on every PID is `unpinned`/);
      assert.equal(status, 4);
    });
  }

  it('a pidfd of peers that are alive only, as of Linux 6.5 to 6.15: verdicts by refusal', async () => {
    // The second that is asked for
    const [document, status] = await doctor(
      ['so-peerpidfd', 'reaped-peer'],
      [['getsockopt', /SO_PEERPIDFD|0x4d/, 'error=EINVAL']],
    );
    assert.equal(rowOf(document, 'reaped-peer').ability, 'does-not');
    assert.equal(status, 4);
  });

  it('no child can be started: what takes none works, and of the rest nobody can tell', async () => {
    const [document, status] = await doctor([], [['clone', /CLONE_PIDFD/, 'error=EAGAIN', 'onwards']]);
    assert.equal(rowOf(document, 'so-peerpidfd').ability, 'works');
    for (const id of ['reaped-peer', 'reaped-sender', 'exit-status', 'user-namespaces']) {
      assert.equal(rowOf(document, id).ability, 'not-tried', id);
      assert.match(rowOf(document, id).detail, /clone: [a-z ]+ \(EAGAIN\)/);
    }
    assert.equal(status, 0);
  });

  it('nothing that tells the number of a pidfd: it is known by when it tells the end', async function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'only root can make a PID namespace without more');
    const { stdout } = await runWithFaults(
      ['doctor', '--json', 'so-peerpidfd', 'pidfd-open'],
      [
        ['ioctl', /0xff, 0xb,|PIDFD_GET_INFO/, 'error=EINVAL', 'onwards'],
        ['fstatfs', /./, 'retval=0'],
      ],
      { wrapper: ['unshare', '--pid', '--fork'] },
    );
    for (const { id, ability, detail } of (JSON.parse(stdout) as DoctorDocument).rows) {
      assert.equal(ability, 'works', `${id}: ${detail}`);
    }
  });

  it('no socket at all: nobody can tell', async () => {
    const [document, status] = await doctor([], [['socket', /AF_UNIX/, 'error=EMFILE', 'onwards']]);
    assert.equal(rowOf(document, 'so-peerpidfd').ability, 'not-tried');
    assert.deepEqual(document.verdicts?.possible, undefined);
    assert.equal(status, 1);
  });

  it('what was refused is not said to be absent', async () => {
    const refused: readonly (readonly [id: string, fault: Fault, detail: RegExp])[] = [
      ['so-peersec', ['getsockopt', /SO_PEERSEC/, 'error=EPERM'], /^Refused for a test client\.$/],
      ['unix-diag', ['socket', /AF_NETLINK/, 'error=EPERM'], /^The list of sockets was refused\.$/],
      [
        'so-passrights',
        ['sendmsg', /SCM_RIGHTS/, 'error=ENOBUFS'],
        /could not be tried whether a descriptor is then refused\.$/,
      ],
    ];
    for (const [id, fault, detail] of refused) {
      const [document] = await doctor([id], [fault]);
      assert.match(rowOf(document, id).detail, detail);
      assert.notEqual(rowOf(document, id).ability, 'works');
    }
  });

  it('a kernel that is new enough and says that it has it not: something else answers', async () => {
    const [document] = await doctor(['pidfd-open'], [['pidfd_open', /./, 'error=ENOSYS', 'onwards']]);
    assert.match(rowOf(document, 'pidfd-open').fix ?? '', /new enough \(5\.3\).*seccomp/);
  });
});
