/** The words of each question about a socket's peer, for `--explain`: the call, its answer, and the conclusion. */
import type { Fd } from '../../native-probe/fd.js';
import type { Credential } from '../../native-probe/peer-credential.js';
import type { StepWords } from '../words/evidence.js';
import { fewOf, mostGroupsNamed } from '../words/few.js';
import { textOf } from '../words/text.js';

/** The words for getsockopt(2) of SO_PEERCRED. */
export function credentialWords(socket: Fd): StepWords<Credential | undefined> {
  return {
    call: () => callOf(socket, 'SO_PEERCRED'),
    answer: credentialAnswer,
    concluded: (credential) => {
      if (credential === undefined) return 'the kernel has no credential for this socket';
      if (credential.pid === 0) return 'the process has no PID in this PID namespace';
      return 'a PID and effective ids as of connect(2), listen(2) or socketpair(2): what most services trust';
    },
  };
}

/** The words for SO_PEERCRED asked a second time. @param differs - whether this answer is not the first one */
export function credentialAgainWords(
  socket: Fd,
  differs: (now: Credential | undefined) => boolean,
): StepWords<Credential | undefined> {
  return {
    call: () => callOf(socket, 'SO_PEERCRED'),
    answer: credentialAnswer,
    concluded: (now) =>
      differs(now)
        ? 'another answer than before, as after another listen(2), so everything is asked again'
        : 'as before: no other process was seen to call listen(2) in the meantime',
  };
}

/** The words for getsockopt(2) of SO_PEERPIDFD. */
export function pidfdWords(socket: Fd): StepWords<Fd> {
  return {
    call: () => callOf(socket, 'SO_PEERPIDFD'),
    answer: (pidfd) => `${pidfd.number}`,
    concluded: () => 'a descriptor from the kernel that pins the process: its PID plays no part',
    refused: (code) =>
      ({
        ENODATA: 'the kernel has no credential for this socket',
        ENOPROTOOPT: 'this kernel has no SO_PEERPIDFD (it came with Linux 6.5), or a sandbox says so',
        EINVAL: 'either the peer is reaped already (Linux 6.5 to 6.15), or the kernel has no SO_PEERPIDFD',
        EPERM: 'something forbids the question, such as a seccomp filter',
        EACCES: 'something forbids the question, such as a security module',
      })[code],
  };
}

/** The words for getsockopt(2) of SO_PEERGROUPS. */
export function groupsWords(socket: Fd): StepWords<readonly number[]> {
  return {
    call: () => callOf(socket, 'SO_PEERGROUPS'),
    answer: (groups) => (groups.length === 0 ? 'none' : fewOf(groups, String, mostGroupsNamed).join(' ')),
  };
}

/** The words for getsockopt(2) of SO_PEERSEC. */
export function securityLabelWords(socket: Fd): StepWords<Buffer> {
  return {
    call: () => callOf(socket, 'SO_PEERSEC'),
    answer: (label) => textOf(label),
    refused: (code) => (code === 'ENOPROTOOPT' ? 'no security module labels sockets here' : undefined),
  };
}

function callOf(socket: Fd, option: string): string {
  return `getsockopt(${socket.number}, SOL_SOCKET, ${option})`;
}

function credentialAnswer(credential: Credential | undefined): string {
  return credential === undefined
    ? 'pid 0, uid -1, gid -1'
    : `pid ${credential.pid}, uid ${credential.uid}, gid ${credential.gid}`;
}
