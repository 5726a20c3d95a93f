/** An inspection as JSON has it, for the tests of what is drawn from one. */
import { Chalk } from 'chalk';

import type { InspectDocument } from '../../src/document/inspect-document.js';
import type { Names } from '../../src/document/names.js';
import type { ProcessDocument } from '../../src/document/process-document.js';
import type { NotSeenDocument } from '../../src/document/scan-document.js';
import type { InspectionContext } from '../../src/output/inspect/process-rows.js';
import type { Style } from '../../src/output/style.js';

export const names: Names = {
  user: (uid) => (uid === 0 ? 'root' : undefined),
  group: (gid) => (gid === 0 ? 'root' : undefined),
  missing: [],
};

/** What a scan says that could look everywhere. */
export const allSeen: NotSeenDocument = {
  processes: [],
  allProcesses: false,
  hidden: false,
  withoutHolder: 0,
  withoutNamespace: { processes: 0, sockets: 0 },
  notAsked: 0,
  networkNamespaces: 0,
  reasons: [],
};

export function plain(width?: number): Style {
  return { width, chalk: new Chalk({ level: 0 }) };
}

const zero = { real: 0, effective: 0, saved: 0, fs: 0 };

export function processDocument(changes: Partial<ProcessDocument> = {}): ProcessDocument {
  return {
    pid: 42,
    pidfdId: 7,
    state: 'running',
    exitStatus: null,
    comm: 'peer',
    exe: '/usr/bin/peer',
    cmdline: ['peer', '--flag'],
    cwd: '/',
    uids: zero,
    gids: zero,
    groups: [],
    cgroup: '/',
    slice: null,
    unit: null,
    userUnit: null,
    session: null,
    container: null,
    loginUid: null,
    startTime: '2026-01-02T03:04:05.000Z',
    namespaces: { pid: 1 },
    capabilities: [],
    noNewPrivs: false,
    seccomp: 'disabled',
    tracerPid: null,
    ...changes,
  };
}

export function context(changes: Partial<InspectDocument> = {}): InspectionContext {
  const document: InspectDocument = {
    socket: { type: 'stream', state: 'listening' },
    credential: { pid: 42, uid: 0, user: 'root', gid: 0, group: 'root', groups: [] },
    recordedBy: 'listen(2)',
    byPid: processDocument(),
    byPidfd: processDocument(),
    verdict: 'pinned',
    basis: 'pidfd',
    text: 'It is.',
    findings: [],
    unavailable: [],
    ...changes,
  };
  return { document, names, ourNamespaces: { pid: 1 } };
}
