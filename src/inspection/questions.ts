import type { Fd } from '../../native-probe/fd.js';
import type { Credential } from '../../native-probe/peer-credential.js';
import type { StepWords } from '../words/evidence.js';

export function credentialWords(socket: Fd): Pick<StepWords<Credential | undefined>, 'call' | 'answer'> {
  return {
    call: () => `getsockopt(${socket.number}, SOL_SOCKET, SO_PEERCRED)`,
    answer: (credential) =>
      credential === undefined
        ? 'pid 0, uid -1, gid -1'
        : `pid ${credential.pid}, uid ${credential.uid}, gid ${credential.gid}`,
  };
}
