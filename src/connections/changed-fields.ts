import type { ProcessBrief, ScannedProcessDocument, ScannedSocketDocument } from '../document/scan-document.js';
import type { HolderDocument } from '../document/socket-document.js';
import type { ChangedFact, ChangedField } from '../document/watch-event.js';
import { verdictThatCounts } from './doubt.js';

type Row = ScannedSocketDocument;

/** A field that is not as it was. Undefined where it was not there. */
export interface FieldChange {
  readonly field: ChangedField;
  readonly before: unknown;
  readonly now: unknown;
}

/** The full document of what a row says in brief of a process. */
export type ProcessOf = (brief: ProcessBrief) => ScannedProcessDocument | undefined;

const compared: readonly (readonly [field: ChangedField, of: (row: Row) => unknown])[] = [
  ['verdict', verdictThatCounts],
  ['state', ({ state }) => state],
  ['peerInode', ({ peerInode }) => peerInode],
  ['shutdown', ({ shutdown }) => shutdown],
  ['address', ({ address }) => address],
  ['file', ({ file }) => file],
  ['networkNamespace', ({ networkNamespace }) => networkNamespace],
  ['owner', ({ owner }) => owner?.id],
  ['credential', ({ credential }) => credential && [credential.pid, credential.uid, credential.gid]],
  // Not which holder it is: of several whose view is alike any may be named
  ['seenBy', ({ seenBy }) => seenBy && [seenBy.pid, seenBy.uid, seenBy.gid]],
  ['asks', ({ asks }) => asks],
  ['findings', ({ findings }) => findings.map(({ id }) => id).sort()],
];

const facts: readonly ChangedFact[] = ['comm', 'exe', 'uids', 'gids', 'groups', 'capabilities', 'state'];

/** What of a socket is not as it was. */
export function changedFields(before: Row, now: Row, processBefore: ProcessOf, processNow: ProcessOf): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const [field, of] of compared) {
    const [was, is] = [of(before), of(now)];
    if (!alike(was, is)) changes.push({ field, before: was, now: is });
  }
  if (!sameHolders(before.holders, now.holders)) {
    changes.push({ field: 'holders', before: before.holders, now: now.holders });
  }
  const pinned = before.byPidfd && now.byPidfd ? 'byPidfd' : 'byPid';
  for (const field of ['byPidfd', 'byPid'] as const) {
    const [was, is] = [before[field] ?? undefined, now[field] ?? undefined];
    if (!sameProcess(was, is)) changes.push({ field, before: was, now: is });
    else if (was !== undefined && is !== undefined && field === pinned) {
      changes.push(...changedFacts(field, processBefore(was) ?? was, processNow(is) ?? is));
    }
  }
  return changes;
}

type Facts = Partial<ScannedProcessDocument>;

/** What came of a comparison, by the later document: a process has thousands of sockets, and is compared once. */
const known = new WeakMap<Facts, { readonly before: Facts; readonly changed: readonly ChangedFact[] }>();

function changedFacts(field: 'byPid' | 'byPidfd', before: Facts, now: Facts): FieldChange[] {
  let compared = known.get(now);
  if (compared?.before !== before) {
    compared = { before, changed: facts.filter((fact) => isChanged(before[fact], now[fact])) };
    known.set(now, compared);
  }
  return compared.changed.map((fact) => ({ field: `${field}.${fact}`, before: before[fact], now: now[fact] }));
}

/** A fact that could not be had this time or the last is not known to have changed. */
function isChanged(before: unknown, now: unknown): boolean {
  return before !== undefined && now !== undefined && !alike(before, now);
}

/** A process that is reaped has no number any more, and is the same. */
function sameProcess(a: ProcessBrief | undefined, b: ProcessBrief | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.pidfdId !== undefined && b.pidfdId !== undefined) return a.pidfdId === b.pidfdId;
  return a.pid === b.pid;
}

/** The same processes with the same names, whatever their descriptors' numbers are. */
function sameHolders(before: readonly HolderDocument[], now: readonly HolderDocument[]): boolean {
  if (before.length !== now.length) return false;
  return now.every((one, index) => {
    // Nearly always they are in the same order
    const at = before[index];
    const other = at?.pid === one.pid ? at : before.find(({ pid }) => pid === one.pid);
    return other !== undefined && sameProcess(asProcess(other), asProcess(one)) && other.comm === one.comm;
  });
}

function asProcess({ pid, pidfdId }: HolderDocument): ProcessBrief {
  return { pid, ...(pidfdId !== undefined && { pidfdId }), state: 'running', exitStatus: null };
}

/** Whether two values of JSON are the same. */
function alike(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [ofA, ofB] = [Object.entries(a), Object.entries(b)];
  return ofA.length === ofB.length && ofA.every(([key, value]) => alike(value, (b as Record<string, unknown>)[key]));
}
