import { statSync } from 'node:fs';

import { processStatus } from '../../native-probe/proc/process.js';
import { asSyscall, readProc } from '../../native-probe/proc/read.js';
import { present } from '../missing.js';
import type { Names } from '../names.js';
import { reading, valueOf } from '../reading.js';
import { textOf } from '../text.js';
import type { NotSeenDocument, ScannedSocketDocument } from './scan-document.js';
import type { FoundSockets } from './socket-source.js';

/** What could not be seen, and why. */
export function describeNotSeen(
  found: FoundSockets,
  rows: readonly ScannedSocketDocument[],
  options: { audit: boolean; networkNamespaces: number },
  names: Names,
): NotSeenDocument {
  const notAsked = options.audit
    ? rows.filter(({ holders, credential }) => holders.length > 0 && credential === undefined).length
    : 0;
  const partial = found.forbidden.length > 0 || found.hidden || notAsked > 0;
  return {
    processes: found.forbidden.map(({ pid, comm }) => ({
      pid,
      ...(comm !== undefined && { comm: textOf(comm) }),
      ...present({ owner: ownerOf(pid, names) }),
    })),
    hidden: found.hidden,
    withoutHolder: rows.filter(({ holders }) => holders.length === 0).length,
    notAsked,
    networkNamespaces: options.networkNamespaces,
    reasons: partial ? reasons(found.hidden, notAsked > 0) : [],
  };
}

/** The owner of /proc/PID is the process's effective user. proc(5) */
function ownerOf(pid: number, names: Names): { id: number; name?: string } | undefined {
  const uid = valueOf(reading(() => asSyscall(`/proc/${pid}`, () => statSync(`/proc/${pid}`).uid)));
  return uid === undefined ? undefined : { id: uid, ...present({ name: names.user(uid) }) };
}

const capSysPtrace = 1n << 19n; // <linux/capability.h>

/** Why parts may not be seen, and what would show them: ptrace(2), "Ptrace access mode checking". */
function reasons(hidden: boolean, refused: boolean): string[] {
  const capabilities = valueOf(reading(() => processStatus(process.pid)))?.effectiveCapabilities;
  const mayTrace = capabilities !== undefined && (capabilities & capSysPtrace) !== 0n;
  const all: string[] = [];
  if (hidden) all.push('/proc hides the processes of other users (its mount option hidepid)');
  if (!mayTrace) {
    all.push(
      process.geteuid?.() === 0
        ? 'this process lacks CAP_SYS_PTRACE'
        : 'the processes of other users take root (CAP_SYS_PTRACE)',
    );
  } else all.push('some processes belong to a user namespace over which this one has no CAP_SYS_PTRACE');
  const scope = valueOf(reading(() => Number(readProc('/proc/sys/kernel/yama/ptrace_scope').toString('latin1'))));
  if (refused && !mayTrace && scope !== undefined && scope > 0) {
    all.push(
      `kernel.yama.ptrace_scope is ${scope}, so the sockets even of your own processes may not be asked (sysctl kernel.yama.ptrace_scope=0 allows it)`,
    );
  }
  return all;
}
