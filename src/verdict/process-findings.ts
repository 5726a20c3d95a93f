import type { Ids } from '../../native-probe/pidfd.js';
import type { IdentityFacts } from '../identity/identify.js';
import { idsInside, idsInsideText } from '../identity/ids-inside.js';
import type { Ourselves } from '../identity/ourselves.js';
import type { ProcessFacts } from '../identity/process-facts.js';
import type { RecordingCall } from '../socket/recording-call.js';
import { capitalised } from '../words/capitalised.js';
import { noId } from '../words/no-id.js';
import { valueOf } from '../words/reading.js';
import { textOf } from '../words/text.js';
import { ofActivity } from './activity-findings.js';
import { type Finding, finding, type FindingInput } from './finding.js';
import { differingNamespaces } from './namespace-difference.js';
import { ofRelay } from './relay-finding.js';
import { unreadable } from './unreadable.js';

/**
 * Findings about the process that the pidfd pins, or, where the kernel gave no
 * pidfd, about the process that has the PID now.
 */
export function ofProcess({ peer, recordedBy, ourselves }: FindingInput): Finding[] {
  const pinned = valueOf(peer.pinned);
  const findings: Finding[] = [];
  const facts = pinned ?? (peer.refusedAsEnded ? undefined : peer.named?.facts);
  if (facts === undefined) return findings;
  const who = pinned === undefined ? 'the process that has the PID now' : undefined;
  if (facts.state === 'zombie') {
    const text = `${capitalised(who ?? 'the peer')} has ended, and its parent has not waited for it yet: it is a zombie.`;
    findings.push(finding('zombie', 'warning', text));
  }
  const named = peer.named?.facts?.threadOf;
  if (named !== undefined) {
    findings.push(
      finding(
        'pid-is-thread',
        'warning',
        `The PID is now a thread of process ${named}, and /proc shows that process under it.`,
      ),
    );
  }
  if (pinned !== undefined && isOurselves(pinned, ourselves)) {
    findings.push(finding('self', 'info', 'The peer is peerpid itself.'));
  }
  findings.push(
    ...ofIds(peer, facts, recordedBy, who),
    ...ofExecutable(facts, who),
    ...ofActivity(facts, who),
    ...ofTracer(facts, who),
    ...unreadable(facts, who),
    ...ofNamespaces(facts, ourselves, who),
    ...ofRelay(facts, who),
  );
  return findings;
}

/**
 * How a finding's text names its process. Undefined: the pinned peer, `it`. Without a pidfd it is a phrase for
 * whoever has the number now, since nobody knows whether that process is the peer.
 */
type Subject = string | undefined;

function isOurselves(facts: ProcessFacts, ourselves: Ourselves): boolean {
  return facts.pidfdId !== undefined && ourselves.pidfdId !== undefined
    ? facts.pidfdId === ourselves.pidfdId
    : facts.pid === ourselves.pid;
}

function ofIds(peer: IdentityFacts, facts: ProcessFacts, recordedBy: RecordingCall, who: Subject): Finding[] {
  const credential = valueOf(peer.credential);
  const status = valueOf(facts.proc?.status);
  if (credential === undefined || status === undefined) return [];
  const findings: Finding[] = [];
  const differing: string[] = [];
  const threads = valueOf(facts.threadIds);
  const compare = (kind: 'uid' | 'gid', recorded: number, now: Ids): void => {
    // What a bus does not say
    if (recorded === noId) return;
    const other = threads?.threads.find((thread) => thread[`${kind}s`].effective === recorded);
    if (now.effective !== recorded && other !== undefined) {
      findings.push(
        finding(
          'ids-differ',
          'warning',
          `Its threads have different ids: the effective ${kind} of the first is ${now.effective}, and that of thread ${other.thread} is ${recorded}, as recorded at ${recordedBy}. Services that ask the socket see ${recorded}.`,
        ),
      );
      return;
    }
    // Both are as mapped in our user namespace, even where the process lives in another one
    if (now.effective !== recorded) {
      findings.push(
        finding(
          `${kind}-changed`,
          'warning',
          who === undefined
            ? `The effective ${kind} recorded at ${recordedBy} is ${recorded}, and that of its first thread is ${now.effective} now: it has changed since, or a thread with another id made the call. Services that ask the socket still see ${recorded}.`
            : `The effective ${kind} recorded at ${recordedBy} is ${recorded}, and that of ${who} is ${now.effective}. Services that ask the socket see ${recorded}.`,
        ),
      );
    }
    if (now.real !== now.effective) {
      differing.push(`its real ${kind} is ${now.real}, its effective ${kind} ${now.effective}`);
    }
  };
  compare('uid', credential.uid, status.uids);
  compare('gid', credential.gid, status.gids);
  if (differing.length > 0) {
    const both = capitalised(`${who === undefined ? '' : `of ${who}: `}${differing.join('; ')}`);
    findings.push(
      finding(
        'ids-differ',
        'warning',
        `${both} (a set-user-ID or set-group-ID program, or seteuid(2) or setegid(2)). SO_PEERCRED gives the effective ids; polkit and SCM_CREDENTIALS use the real ones.`,
      ),
    );
  }
  return findings;
}

function ofExecutable(facts: ProcessFacts, who: Subject): Finding[] {
  const executable = valueOf(facts.proc?.executable);
  if (executable === undefined || executable.file === 'present') return [];
  const path = textOf(executable.path);
  const file = `The file that ${who ?? 'it'} runs`;
  if (executable.file === 'unknown') {
    const text = `${file} has been deleted since it started, or is really called ${path}: peerpid has not seen what is at that path.`;
    return [finding('executable-deleted', 'warning', text)];
  }
  return executable.file === 'deleted'
    ? [finding('executable-deleted', 'warning', `${file}, ${path}, has been deleted since it started.`)]
    : [
        finding(
          'executable-replaced',
          'warning',
          `${file} is no longer the one at ${path}: another has been put there since, for example by an upgrade.`,
        ),
      ];
}

function ofTracer(facts: ProcessFacts, who: Subject): Finding[] {
  const tracer = valueOf(facts.proc?.status)?.tracer ?? 0;
  if (tracer === 0) return [];
  return [
    finding(
      'traced',
      'warning',
      `Process ${tracer} traces ${who ?? 'it'} (ptrace(2)), and can make it do and say anything.`,
    ),
  ];
}

function ofNamespaces(facts: ProcessFacts, ourselves: Ourselves, who: Subject): Finding[] {
  const theirs = valueOf(facts.namespaces);
  const ours = valueOf(ourselves.namespaces);
  if (theirs === undefined || ours === undefined) return [];
  const kinds = differingNamespaces(theirs, ours);
  if (kinds.length === 0) return [];
  const inside = kinds.includes('pid') ? valueOf(facts.proc?.status)?.namespacePids.slice(1).at(-1) : undefined;
  const number = inside === undefined ? '' : ` Its PID there is ${inside}.`;
  const other = valueOf(facts.proc?.userNamespace);
  const status = valueOf(facts.proc?.status);
  const ids =
    other && status
      ? ` In its user namespace it has ${idsInsideText(idsInside(status, other, ourselves))}, and its capabilities belong to that namespace.`
      : '';
  return [
    finding(
      'other-namespaces',
      'info',
      `${capitalised(who ?? 'it')} lives in other namespaces than peerpid: ${kinds.join(', ')}.${number}${ids}`,
    ),
  ];
}
