import { attach } from '../../../native-probe/bpf/bpf-attachment.js';
import { rewritePeerPid } from '../../../native-probe/bpf/bpf-instructions.js';
import { loadGetsockoptProgram } from '../../../native-probe/bpf/bpf-program.js';
import { cgroup2Mount } from '../../../native-probe/cgroup.js';
import { ConnectedChild } from '../../../native-probe/children/child-client.js';
import { OwnCgroup } from '../../../native-probe/own-cgroup.js';
import { peerCredential, peerPidfd } from '../../../native-probe/peer-credential.js';
import type { LeftBehind, SyscallError } from '../../../native-probe/syscall-error.js';
import { typeOf } from '../../../native-probe/unix-socket.js';
import { errorCodeOf, reading, valueOf } from '../../words/reading.js';
import { pinsClient } from '../pins-client.js';
import { doesNot, notTried, refused, type Row, type Trial } from '../row.js';
import { bpfRefused } from './bpf-refused.js';

/** A number that no process ever has: PID_MAX_LIMIT of include/linux/threads.h is less. */
const impossiblePid = 2 ** 22 + 1;

/** Makes a test cgroup, with a test client in it; both are gone at the end. */
export const bpfSkipsPidfd: Row = {
  id: 'bpf-skips-pidfd',
  group: 'bpf',
  name: 'SO_PEERPIDFD, past BPF',
  since: '6.5',
  tried: 'bpf(2): a getsockopt program on a test cgroup, from which a test client connected',
  without: 'Whether a BPF program can change or refuse the pidfd as well, on which `contradicted` rests.',
  try: () => {
    let left: SyscallError | undefined;
    const trial = tryBelow((error) => {
      left = error;
    });
    if (left === undefined) return trial;
    return { ...trial, detail: `${trial.detail} The cgroup ${left.subject} could not be removed (${left.code}).` };
  },
};

function tryBelow(leftBehind: LeftBehind): Trial {
  const mount = cgroup2Mount();
  if (mount === undefined) {
    return notTried(
      'No cgroup v2 tree is mounted here, and programs are attached to its cgroups.',
      '`mount -t cgroup2 none DIRECTORY`, as root.',
    );
  }
  const loaded = reading(() => loadGetsockoptProgram(rewritePeerPid(impossiblePid, 'refuse'), 'peerpid_doctor'));
  if ('error' in loaded) return bpfRefused(loaded.error, 'A BPF program may not be loaded.');
  using program = loaded.value;
  const made = reading(() => OwnCgroup.make(mount, leftBehind));
  if ('error' in made) {
    const fix = `Make ${mount} writable, or run it on the host: a cgroup of its own is made there for a moment.`;
    return { ...notTried('No cgroup may be made here for the program.', fix), error: made.error };
  }
  using cgroup = made.value;
  using client = ConnectedChild.connect({
    before: (pid) => {
      cgroup.take(pid);
    },
  });
  return whilePassing(client, () => attach(program, cgroup.fd));
}

/** Asks for the client before and after the program comes in between. */
function whilePassing(client: ConnectedChild, attachProgram: () => Disposable): Trial {
  const credential = reading(() => peerCredential(client.accepted)?.pid);
  if (valueOf(credential) !== client.child.pid) {
    return notTried('Even without a test program SO_PEERCRED does not name the client: see `bpf-above`.');
  }
  const given = reading(() => peerPidfd(client.accepted));
  if ('error' in given) return refused(given.error, 'There is no pidfd of a test client, with or without BPF.');
  given.value[Symbol.dispose]();
  const attached = reading(attachProgram);
  if ('error' in attached) {
    return refused(
      attached.error,
      'A program may not be attached.',
      'See `bpf-above`: a program above may allow no other.',
    );
  }
  using _attached = attached.value;
  return pastTheProgram(client);
}

function pastTheProgram({ accepted, client, child }: ConnectedChild): Trial {
  const credential = reading(() => peerCredential(accepted)?.pid);
  const type = reading(() => typeOf(accepted));
  if (valueOf(credential) !== impossiblePid || errorCodeOf(type) !== 'EPERM') {
    return notTried(
      'A program was attached, but SO_PEERCRED did not go through it.',
      'Before Linux 5.15, sockets left the v2 tree where the v1 controllers net_cls or net_prio were used: use a newer kernel, if this one is older.',
    );
  }
  const asked = reading(() => peerPidfd(accepted));
  if ('error' in asked) return doesNot('A program can refuse it.', undefined, asked.error);
  using pidfd = asked.value;
  return pinsClient(
    pidfd,
    {
      pid: child.pid,
      end: () => {
        client.end();
      },
    },
    `still pins the client, while a program makes SO_PEERCRED say PID ${impossiblePid} and refuses everything else`,
  );
}
