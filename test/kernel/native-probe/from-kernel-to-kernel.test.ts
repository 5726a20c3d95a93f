import assert from 'node:assert/strict';

import { uapi } from '../../../native-probe/uapi.js';
import { kernelSince, versionTells } from '../../helpers/machine/kernel-version.js';
import { requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import * as options from '../../helpers/machine/questions/options.js';
import * as ask from '../../helpers/machine/questions/pidfds.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';

/** From which version on which answer is given; what no kernel was asked for yet is undefined. */
type Answers = readonly (readonly [since: string, answer: string | RegExp | undefined])[];

interface Row {
  readonly question: string;
  readonly answers: Answers;
  readonly ask: () => string | Promise<string>;
  readonly needs?: (context: Mocha.Context) => void;
}

const { PIDFD_INFO_PID: pid, PIDFD_INFO_CREDS: credentials, PIDFD_INFO_CGROUPID: cgroup, PIDFD_INFO_EXIT: exit } = uapi;
const needsFor =
  (state: ask.PeerState) =>
  (context: Mocha.Context): void => {
    if (state === 'a zombie') requirePrograms(context, 'perl');
  };

const peerPidfd = (state: ask.PeerState, ...answers: Answers): Row => ({
  question: `SO_PEERPIDFD of a peer that is ${state}`,
  answers: [['5.6', 'ENOPROTOOPT'], ...answers],
  ask: () => ask.peerPidfdOf(state),
  needs: needsFor(state),
});

const messagePidfd = (state: ask.PeerState, ...answers: Answers): Row => ({
  question: `SCM_PIDFD of a sender that is ${state}`,
  answers: [['5.6', 'no such message'], ...answers],
  ask: () => ask.messagePidfdOf(state),
  needs: needsFor(state),
});

/** Before 6.11 a pidfd has no ioctl at all, then it has others. */
const info = (question: string, answer: () => Promise<string>, ...answers: Answers): Row => ({
  question: `PIDFD_GET_INFO ${question}`,
  answers: [['5.6', 'ENOTTY'], ['6.11', 'EINVAL'], ['6.13', undefined], ...answers],
  ask: answer,
});

const rows: readonly Row[] = [
  peerPidfd('alive', ['6.5', 'a pidfd']),
  peerPidfd('a zombie', ['6.5', 'a pidfd']),
  peerPidfd('reaped', ['6.5', 'EINVAL'], ['6.16', 'a pidfd of nobody']),
  messagePidfd('alive', ['6.5', 'a pidfd']),
  messagePidfd('a zombie', ['6.5', 'a pidfd']),
  messagePidfd('reaped', ['6.5', '-EINVAL'], ['6.16', '-ESRCH'], ['6.17', 'a pidfd of nobody']),
  info('of one that runs', () => ask.infoOf('alive', pid | credentials), ['6.13', /^mask 0x[37], status 0, core 0$/]),
  info('of an ended process, for its exit', () => ask.infoOf('ended', exit | cgroup), [
    '6.15',
    'mask 0xc, status 1792, core 0',
  ]),
  info('of an ended process, for its number', () => ask.infoOf('ended', pid), ['6.13', 'ESRCH']),
  info('of an ended process, for its ids', () => ask.infoOf('ended', credentials), ['6.13', 'ESRCH']),
  info('of an ended process, for its core dump', ask.coredumpInfo, ['6.16', 'given, but 0'], ['6.19', 'not given']),
  {
    question: 'PIDFD_GET_INFO of a foreign process',
    // 6.18.5 still gave ESRCH
    answers: [
      ['6.5', 'ENOTTY'],
      ['6.11', 'EINVAL'],
      ['6.13', 'ESRCH'],
      ['6.18.6', undefined],
      ['6.18.15', 'EREMOTE'],
    ],
    ask: () => ask.foreignInfo(pid | credentials),
    needs: (context) => {
      requirePidNamespaces(context);
      requireThat(context, isRoot, 'to enter another PID namespace takes root');
      requireThat(context, kernelSince('6.5'), 'the kernel gives no pidfd of a peer');
    },
  },
  {
    question: 'SO_PASSCRED of the listener, set before connect(2)',
    answers: [['5.6', 'inherited']],
    ask: () => options.inherited('SO_PASSCRED', 'connect'),
  },
  {
    question: 'SO_PASSCRED of the listener, set before accept(2)',
    answers: [
      ['5.6', 'inherited'],
      ['6.16', 'not inherited'],
    ],
    ask: () => options.inherited('SO_PASSCRED', 'accept'),
  },
  {
    question: 'SO_PASSPIDFD of the listener, set before connect(2)',
    answers: [
      ['5.6', 'ENOPROTOOPT'],
      ['6.5', 'inherited'],
    ],
    ask: () => options.inherited('SO_PASSPIDFD', 'connect'),
  },
  {
    question: 'SO_PASSPIDFD of the listener, set before accept(2)',
    answers: [
      ['5.6', 'ENOPROTOOPT'],
      ['6.5', 'inherited'],
      ['6.16', 'not inherited'],
    ],
    ask: () => options.inherited('SO_PASSPIDFD', 'accept'),
  },
  {
    question: 'SO_PASSPIDFD of a client without a name, after connect(2)',
    answers: [
      ['5.6', 'ENOPROTOOPT'],
      ['6.5', 'a name'],
    ],
    ask: () => options.nameAfterConnect(true),
  },
  {
    question: 'SO_PASSPIDFD of a client without a name, after a connect(2) that was refused',
    answers: [
      ['5.6', 'ENOPROTOOPT'],
      ['6.5', 'a name'],
    ],
    ask: () => options.nameAfterConnect(false),
  },
  {
    question: 'SO_PASSRIGHTS, off, and a descriptor',
    answers: [
      ['5.6', 'no option: ENOPROTOOPT'],
      ['6.16', 'EPERM'],
    ],
    ask: options.refusedRights,
  },
  {
    question: 'SO_RIGHTS_NOTRUNC',
    answers: [
      ['5.6', 'ENOPROTOOPT'],
      ['7.3', 'set'],
    ],
    ask: options.noTruncation,
  },
  {
    question: 'SO_PEERSEC under AppArmor',
    answers: [
      ['5.6', 'ENOPROTOOPT'],
      ['6.17', 'unconfined'],
    ],
    ask: options.securityLabel,
    needs: (context) => {
      requireThat(context, options.securityModules()?.includes('apparmor') === true, 'AppArmor is not active');
    },
  },
  {
    question: 'pidfd ids',
    answers: [
      ['5.6', 'none'],
      ['6.9', 'unique'],
    ],
    ask: ask.pidfdIds,
  },
  {
    question: 'the namespace ioctls of a pidfd',
    answers: [
      ['5.6', 'ENOTTY'],
      ['6.11', 'given'],
    ],
    ask: ask.namespaceIoctls,
  },
];

describe('from kernel to kernel', () => {
  before(function () {
    requireThat(this, versionTells, 'this kernel has parts of later versions');
  });

  for (const { question, answers, ask, needs } of rows) {
    const expected = answers.findLast(([since]) => kernelSince(since))?.[1];
    it(`${question}: ${String(expected ?? 'not known yet')}`, async function () {
      needs?.(this);
      requireThat(this, expected !== undefined, 'no kernel of this version was asked yet');
      const answer = await ask();
      if (expected instanceof RegExp) assert.match(answer, expected);
      else assert.equal(answer, expected);
    });
  }
});
