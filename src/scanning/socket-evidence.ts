import { passOptionNames } from '../../native-probe/socket-kinds.js';
import type { Step } from '../words/evidence.js';
import type { Reading } from '../words/reading.js';
import type { Audited } from './audit.js';
import type { FoundSocket } from './survey/found-sockets.js';

/** How one socket was asked, and what followed: the questions to the socket itself, then those about its peer. */
export function socketEvidence(found: FoundSocket, audited: Audited | undefined): readonly Step[] {
  const { answers, holders, socket, askedPid, askedFd } = found;
  if (answers === undefined) return [];
  const holder = holders[0];
  const call = `pidfd_getfd(pidfd of ${holder?.pid ?? '?'}, ${holder?.fds[0] ?? '?'})`;
  if ('error' in answers) {
    return [{ call, answer: `-1 ${answers.error.code}`, concluded: 'the socket could not be asked' }];
  }
  const { credential, pidfdId, asks } = answers.value;
  const steps: Step[] = [
    {
      call: `pidfd_getfd(pidfd of ${askedPid}, ${askedFd})`,
      answer: `a duplicate of socket ${socket.inode}`,
      concluded: 'asked on behalf of its holder, and closed again at once',
    },
    {
      call: 'getsockopt(SO_PEERCRED)',
      ...answerOf(credential, (value) =>
        value === undefined ? 'pid 0, uid -1, gid -1' : `pid ${value.pid}, uid ${value.uid}, gid ${value.gid}`,
      ),
      concluded: 'what a service that asks for a plain PID sees, in our namespaces',
    },
    {
      call: 'getsockopt(SO_PEERPIDFD), fstat',
      ...answerOf(pidfdId, (value) => (value === undefined ? 'a pidfd' : `a pidfd, id ${value}`)),
    },
    {
      call: `getsockopt(${Object.values(passOptionNames).join(', ')})`,
      ...answerOf(asks, (value) => (value.length === 0 ? 'all off' : `on: ${value.join(' ')}`)),
    },
  ];
  if (audited === undefined) return steps;
  const { seenBy, evidence, judgement, sentence } = audited;
  steps.push(...(evidence ?? []));
  if (seenBy !== undefined && seenBy.verdict !== judgement.verdict) {
    steps.push({
      call: `compare the namespaces of holder ${seenBy.holder} with ours`,
      answer: seenBy.verdict,
      concluded: 'the verdict in the view of the process that holds the socket is the one that counts',
    });
  }
  steps.push({ call: 'verdict', answer: judgement.verdict, concluded: sentence });
  return steps;
}

function answerOf<T>(reading: Reading<T>, words: (value: T) => string): Pick<Step, 'answer'> {
  return { answer: 'value' in reading ? words(reading.value) : `-1 ${reading.error.code}` };
}
