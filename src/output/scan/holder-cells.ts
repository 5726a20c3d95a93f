/** Who has an end of a connection open, as cells of scan's tables tell it. */
import type { ConnectionFacts } from '../../connections/connection-facts.js';
import type { Connection } from '../../connections/connections.js';
import type { HolderDocument } from '../../document/socket-document.js';
import { safe } from '../safe.js';
import { containerText, unitText } from '../who.js';

/** What cells are made from, besides the connection. */
export interface ColumnContext {
  /** By inode number, the names by which people know network namespaces. */
  readonly namespaces: ReadonlyMap<number, string>;
  readonly facts: ConnectionFacts;
}

/** Stands where there is nothing to tell. */
export const nothing = '-';

/** Several values as one cell, each of them once. */
export function list(values: readonly (string | undefined)[]): string {
  return [...new Set(values.filter((value) => value !== undefined))].join(' ') || nothing;
}

/** The effective users of those that have an end open. */
export function usersOf(connection: Connection, end: 'service' | 'client', context: ColumnContext): string {
  return list((connection[end]?.holders ?? []).map((holder) => userText(holder, context)));
}

/** The effective user of a process; undefined where it is not known. */
export function userText(holder: HolderDocument, { facts }: ColumnContext): string | undefined {
  const uid = facts.uidOf(holder);
  return uid === undefined ? undefined : userName(uid, facts);
}

/** A user by name, or where it has none by number. */
export function userName(uid: number, facts: ConnectionFacts): string {
  return safe(facts.userName(uid) ?? String(uid));
}

/** The container or the unit of a process, without blanks. */
export function placeText(holder: HolderDocument, { facts }: ColumnContext): string | undefined {
  const process = facts.processOf(holder);
  if (process === undefined) return undefined;
  return process.container ? containerText(process.container, ':') : unitText(process);
}
