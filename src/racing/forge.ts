import { attach } from '../../native-probe/bpf/bpf-attachment.js';
import { instructionSize, rewritePeerPid } from '../../native-probe/bpf/bpf-instructions.js';
import { loadGetsockoptProgram, programInfo } from '../../native-probe/bpf/bpf-program.js';
import { CallingChild } from '../../native-probe/calls/calling-child.js';
import { cgroup2Mount } from '../../native-probe/cgroup.js';
import { ConnectedChild } from '../../native-probe/children/child-client.js';
import { startNamed } from '../../native-probe/children/named-child.js';
import type { Fd } from '../../native-probe/fd.js';
import { OwnCgroup } from '../../native-probe/own-cgroup.js';
import { pidfdId } from '../../native-probe/pidfd.js';
import { type LeftBehind, SyscallError } from '../../native-probe/syscall-error.js';
import { describeInspection } from '../document/describe-inspection.js';
import type { ActorDocument, ForgeDocument, ServiceDocument } from '../document/forge-document.js';
import { SystemNames } from '../document/names.js';
import type { ProcessDocument } from '../document/process-document.js';
import { inspect } from '../inspection/inspect.js';
import { peerSocketOf } from '../socket/own-socket.js';
import { Witness } from '../words/evidence.js';
import { exitStatuses, Problem, type ProblemCode } from '../words/problem.js';

/**
 * Shows a forged SO_PEERCRED: a client of ours in a cgroup of ours, a BPF
 * program on that cgroup that writes another process's PID into the answer, and
 * what a service that accepted the client is told before and after. The
 * processes, the program and the cgroup are gone at the end.
 *
 * @param left - called at the end if the cgroup cannot be removed
 * @param explain - whether the documents have their evidence
 * @throws Problem where it cannot be shown: it takes root, cgroup v2 and bpf(2)
 */
export function forge(left: LeftBehind, explain = false): ForgeDocument {
  try {
    return forgeBelow(mount(), explain, left);
  } catch (error) {
    if (!(error instanceof SyscallError) || !impossible.has(error.code)) throw error;
    throw notPossible(error.code, `SO_PEERCRED cannot be forged here (${error.message})`, needs);
  }
}

const impossible = new Set(['EPERM', 'EACCES', 'EROFS', 'ENOSYS', 'EINVAL', 'E2BIG', 'EOPNOTSUPP']);
const needs =
  'This needs root outside of containers (bpf(2), a cgroup of its own): `peerpid doctor bpf-skips-pidfd` shows what is missing.';

function notPossible(code: ProblemCode, message: string, hint: string): Problem {
  return new Problem(code, message, hint, exitStatuses.notPossibleHere);
}

function mount(): string {
  const directory = cgroup2Mount();
  if (directory !== undefined) return directory;
  throw notPossible('NO_CGROUP2', 'no cgroup v2 tree is mounted here, so no BPF program can come in between', needs);
}

function forgeBelow(mount: string, explain: boolean, left: LeftBehind): ForgeDocument {
  using trusted = startNamed('trusted', (calls) => CallingChild.start(calls));
  const instructions = rewritePeerPid(trusted.pid);
  using program = loadGetsockoptProgram(instructions, 'peerpid_forge');
  using cgroup = OwnCgroup.make(mount, left);
  using client = ConnectedChild.connect({
    name: 'client',
    before: (pid) => {
      cgroup.take(pid);
    },
  });
  const actors = { client: actor(client.child), trusted: actor(trusted) };
  const { id, name } = programInfo(program);
  const before = serviceOf(client.accepted, actors.trusted, explain);
  if (before.inspection.credential?.pid !== client.child.pid) throw alreadyForged();
  using _attached = attach(program, cgroup.fd);
  const after = serviceOf(client.accepted, actors.trusted, explain);
  if (after.inspection.credential?.pid !== trusted.pid) throw notForged();
  return {
    ...actors,
    program: { id, name, instructions: instructions.length / instructionSize, cgroup: cgroup.directory },
    before,
    after,
  };
}

function actor({ pid, pidfd }: CallingChild): ActorDocument {
  const id = pidfdId(pidfd);
  return { pid, ...(id !== undefined && { pidfdId: Number(id) }) };
}

/** What a service that accepted the client is told now, and whether it takes the client for the trusted process. */
function serviceOf(accepted: Fd, trusted: ActorDocument, explain: boolean): ServiceDocument {
  const witness = explain ? Witness.recording() : Witness.silent();
  using inspected = inspect({ ...peerSocketOf(accepted), recordedBy: 'connect(2)' }, witness, { holders: false });
  const inspection = describeInspection(inspected.facts, new SystemNames());
  const { byPid, byPidfd } = inspection;
  return {
    inspection,
    trustsPid: isTrusted(byPid, trusted),
    ...(byPidfd !== null && { trustsPidfd: isTrusted(byPidfd, trusted) }),
  };
}

/** By the pidfd ids, where there are any: these compare the processes, not their numbers. */
function isTrusted(process: ProcessDocument | null, trusted: ActorDocument): boolean {
  if (process === null) return false;
  return trusted.pidfdId === undefined ? process.pid === trusted.pid : process.pidfdId === trusted.pidfdId;
}

function alreadyForged(): Problem {
  return notPossible(
    'ALREADY_FORGED',
    'SO_PEERCRED is already rewritten or refused, without a program of ours',
    '`peerpid doctor bpf-above` shows which programs may do it; a seccomp filter may, too.',
  );
}

function notForged(): Problem {
  return notPossible(
    'NOT_FORGED',
    'a BPF program was attached, but SO_PEERCRED did not go through it',
    'Before Linux 5.15, sockets left the v2 tree where the v1 controllers net_cls or net_prio were used: a newer kernel may do, if this one is older.',
  );
}
