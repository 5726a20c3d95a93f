import type { ProcessBrief, ScannedProcessDocument, ScannedSocketDocument } from '../document/scan-document.js';
import type { HolderDocument } from '../document/socket-document.js';
import type { ChangedFact, ChangedField } from '../document/watch-event.js';
import { verdictThatCounts } from './doubt.js';

type Row = ScannedSocketDocument;

/** A field that differs between two scans. A side is undefined where the field was absent. */
export interface FieldChange {
  readonly field: ChangedField;
  readonly before: unknown;
  readonly now: unknown;
}

/** Finds the full document of a process that a row names in brief. */
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
  // Without the holder that is named: where several have the same view, it may be any of them
  ['seenBy', ({ seenBy }) => seenBy && [seenBy.pid, seenBy.uid, seenBy.gid]],
  ['asks', ({ asks }) => asks],
  ['findings', ({ findings }) => findings.map(({ id }) => id).sort()],
];

const facts: readonly ChangedFact[] = ['comm', 'exe', 'uids', 'gids', 'groups', 'capabilities', 'state', 'activity'];

/**
 * The fields of a socket that differ between two scans.
 *
 * @param processBefore - finds processes of the scan that `before` is of
 * @param processNow - finds processes of the scan that `now` is of
 */
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

/** Results of comparisons, by the later document: a process may have thousands of sockets, and is compared once. */
const known = new WeakMap<Facts, { readonly before: Facts; readonly changed: readonly ChangedFact[] }>();

function changedFacts(field: 'byPid' | 'byPidfd', before: Facts, now: Facts): FieldChange[] {
  let compared = known.get(now);
  if (compared?.before !== before) {
    compared = { before, changed: facts.filter((fact) => isChanged(before[fact], now[fact])) };
    known.set(now, compared);
  }
  return compared.changed.map((fact) => ({ field: `${field}.${fact}`, before: before[fact], now: now[fact] }));
}

/** Not of a fact that is absent in one of the scans: nobody knows whether it has changed. */
function isChanged(before: unknown, now: unknown): boolean {
  return before !== undefined && now !== undefined && !alike(before, now);
}

/** By the pidfd ids, where both have one: a process that is reaped meanwhile loses its number, and is the same. */
function sameProcess(a: ProcessBrief | undefined, b: ProcessBrief | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.pidfdId !== undefined && b.pidfdId !== undefined) return a.pidfdId === b.pidfdId;
  return a.pid === b.pid;
}

/** Whether the same processes with the same names hold a socket and go on as before, whatever their descriptors' numbers. */
function sameHolders(before: readonly HolderDocument[], now: readonly HolderDocument[]): boolean {
  if (before.length !== now.length) return false;
  return now.every((one, index) => {
    // Nearly always the holders are in the same order
    const at = before[index];
    const other = at?.pid === one.pid ? at : before.find(({ pid }) => pid === one.pid);
    if (other === undefined || other.comm !== one.comm || other.activity !== one.activity) return false;
    return sameProcess(asProcess(other), asProcess(one));
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
