/** Facts for the pure functions: plain values, as the probing would have gathered them. */
import type { Ourselves } from '../../src/identity/ourselves.js';
import type { ProcFacts } from '../../src/identity/proc-facts.js';
import type { ProcessFacts } from '../../src/identity/process-facts.js';
import type { PeerFacts } from '../../src/inspection/inspect.js';
import type { Reading, RefusalCode } from '../../src/words/reading.js';

export function refused<T>(code: RefusalCode, syscall = 'call'): Reading<T> {
  return { error: { syscall, code } };
}

export const processFacts: ProcFacts = {
  stat: {
    value: {
      comm: Buffer.from('peer'),
      state: 'S',
      isKernelThread: false,
      isExiting: false,
      threads: 1,
      startTicks: 100,
      waitStatus: 0,
      parent: 1,
      argumentBytes: 0,
    },
  },
  activity: { value: undefined },
  userNamespace: { value: undefined },
  status: {
    value: {
      threadGroup: 42,
      state: 'S',
      tracer: 0,
      uids: { real: 1000, effective: 1000, saved: 1000, fs: 1000 },
      gids: { real: 100, effective: 100, saved: 100, fs: 100 },
      groups: [],
      namespacePids: [42],
      effectiveCapabilities: 0n,
      noNewPrivileges: false,
      seccomp: 0,
      hasMemory: true,
    },
  },
  commandLine: { value: { args: [Buffer.from('peer')] } },
  executable: { value: { path: Buffer.from('/bin/peer'), file: 'present' } },
  workingDirectory: { value: Buffer.from('/') },
  cgroup: { value: Buffer.from('/') },
  loginUid: { value: undefined },
  namespaces: { value: { pid: 1, user: 2 } },
};

export function view(changes: Partial<ProcessFacts<ProcFacts>> = {}): ProcessFacts<ProcFacts> {
  return {
    pid: 42,
    pidfdId: 7n,
    state: 'running',
    exitStatus: undefined,
    proc: processFacts,
    cgroup: { value: Buffer.from('/') },
    namespaces: { value: { pid: 1, user: 2 } },
    threadOf: undefined,
    ...changes,
  };
}

/** An honest peer, pid 42, alive. */
export function peer(changes: Partial<PeerFacts> = {}): PeerFacts {
  return {
    credential: { value: { pid: 42, uid: 1000, gid: 100 } },
    groups: { value: [] },
    securityLabel: refused('ENOPROTOOPT'),
    named: { facts: view(), opened: { value: 7n } },
    pinned: { value: view() },
    same: true,
    refusedAsEnded: false,
    ...changes,
  };
}

export const us: Ourselves = {
  pid: 1,
  pidfdId: 1n,
  namespaces: { value: { pid: 1, user: 2 } },
  unmappedUid: 65534,
  unmappedGid: 65534,
  bootId: { value: 'b' },
  bootTime: { value: 0 },
  procIsOurs: true,
};
