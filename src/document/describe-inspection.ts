import type { Ourselves } from '../identity/ourselves.js';
import type { ProcFacts } from '../identity/proc-facts.js';
import type { ProcessFacts } from '../identity/process-facts.js';
import type { Inspection, PeerFacts } from '../inspection/inspect.js';
import { type Holders, withoutProc } from '../socket/holders.js';
import { counted } from '../words/counted.js';
import type { Reading } from '../words/reading.js';
import { textOf } from '../words/text.js';
import { whereElse } from '../words/where-else.js';
import { describeConclusion } from './describe-conclusion.js';
import { describePinned, describeProcess, withoutProc as whyWithoutProc } from './describe-process.js';
import { describeSocket } from './describe-socket.js';
import type { CredentialDocument, InspectDocument } from './inspect-document.js';
import type { Names } from './names.js';
import type { HolderDocument } from './socket-document.js';
import { describeLabel } from './security-label.js';
import type { ProcessDocument } from './process-document.js';
import { Missing, present, type Unavailable } from './unavailable.js';

type NamedFacts = ProcessFacts<ProcFacts>;

/** An inspection as its JSON has it. @param asksInvocation - whether a process was asked for its invocation id */
export function describeInspection(inspection: Inspection, names: Names, asksInvocation = false): InspectDocument {
  const { peer } = inspection;
  const missing = new Missing();
  const socket = describeSocket(inspection.socket, names, missing);
  const credential = describeCredential(peer, names, missing);
  const named = peer.named?.facts;
  const pinned = missing.take('byPidfd', peer.pinned);
  const holders = describeHolders(inspection.holders, missing);
  const byPid = named === undefined ? null : describeNamed(named, inspection.ourselves, missing);
  if (asksInvocation) {
    for (const [prefix, facts] of [
      ['byPid', named],
      ['byPidfd', pinned],
    ] as const) {
      if (facts !== undefined && facts.proc === undefined) missing.say(`${prefix}.invocationId`, whyWithoutProc(facts));
    }
  }
  return {
    socket,
    credential,
    recordedBy: inspection.recordedBy,
    byPid,
    byPidfd: describePinned(pinned, named, byPid, inspection.ourselves, missing),
    ...(holders && { holders }),
    ...describeConclusion(inspection, missing, names),
  };
}

/** Connections that came together from one process have what one look at it found: it is described once. */
const described = new WeakMap<
  NamedFacts,
  { readonly document: ProcessDocument; readonly rows: readonly Unavailable[] }
>();

function describeNamed(named: NamedFacts, ourselves: Ourselves, missing: Missing): ProcessDocument {
  let known = described.get(named);
  if (known === undefined) {
    const of = new Missing();
    known = { document: describeProcess(named, 'byPid', ourselves, of), rows: of.rows };
    described.set(named, known);
  }
  missing.rows.push(...known.rows);
  return known.document;
}

function describeCredential(peer: PeerFacts, names: Names, missing: Missing): CredentialDocument | null {
  const credential = missing.take('credential', peer.credential);
  if (credential === undefined) return null;
  const { pid, uid, gid } = credential;
  return {
    pid,
    uid,
    gid,
    ...present({
      user: names.user(credential.uid),
      group: names.group(credential.gid),
      groups: missing.take('credential.groups', peer.groups),
      securityLabel: missing.take('credential.securityLabel', describeLabel(peer.securityLabel)),
    }),
  };
}

function describeHolders(
  holders: Reading<Holders> | undefined,
  missing: Missing,
): readonly HolderDocument[] | undefined {
  if (holders === undefined) {
    missing.say('holders', 'not looked for');
    return undefined;
  }
  if ('error' in holders && holders.error === withoutProc) {
    missing.because(
      'holders',
      'no /proc of this PID namespace is mounted here, and only that shows who has a socket open',
      'ENODATA',
    );
    return undefined;
  }
  const known = missing.take('holders', holders);
  if (known === undefined) return undefined;
  if (known.hidden) {
    missing.say('holders.notSeen', 'this /proc hides the processes of other users (its mount option hidepid)');
  } else if (known.notSeen > 0) {
    missing.say(
      'holders.notSeen',
      `${counted(known.notSeen, 'more process does not let us see its', 'more processes do not let us see their')} descriptors`,
    );
  }
  if (known.cut > 0) {
    missing.say(
      'holders.cut',
      `${counted(known.cut, 'process has', 'processes have')} more threads or io_uring instances than peerpid looks at`,
    );
  }
  if (known.found.length === 0) missing.say('holders', `no process was seen that has it open: ${elsewhere(known)}`);
  return known.found.map(({ pid, thread, ring, pidfdId, comm, activity, fds, given }) => ({
    pid,
    fds,
    ...present({
      thread,
      ioUring: ring,
      pidfdId: pidfdId === undefined ? undefined : Number(pidfdId),
      comm: textOf(comm),
      activity,
      givenAs: given && textOf(given),
    }),
  }));
}

function elsewhere({ hidden, notSeen, cut }: Holders): string {
  return hidden || notSeen > 0 || cut > 0 ? `its holder was not seen, or it is ${whereElse}` : `it is ${whereElse}`;
}
