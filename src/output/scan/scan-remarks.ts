import { type Connection, judgedEnds, verdictOf } from '../../connections/connections.js';
import { isDoubtful, verdictThatCounts } from '../../connections/doubt.js';
import type { ScannedSocketDocument } from '../../document/scan-document.js';
import { counted } from '../../words/counted.js';
import { sanitise } from '../../words/sanitise.js';
import { whatIsLeft } from '../who.js';

type Row = ScannedSocketDocument;

/** What is worth a look at a connection, in a few words each: why a PID is not believed, findings, a crowded backlog, closed directions. */
export function remarksOf(connection: Connection): string[] {
  return isUnremarkable(connection) ? [] : remarks(connection);
}

/** Whether there is nothing to remark, as of most connections: it is found out quickly. */
function isUnremarkable({ kind, service, client }: Connection): boolean {
  if (kind === 'listener' && (service?.backlog?.waiting ?? 0) > 0) return false;
  return isPlain(service) && isPlain(client);
}

function isPlain(row: Row | undefined): boolean {
  return row === undefined || (row.findings.length === 0 && row.shutdown === undefined && !isDoubtful(row));
}

function remarks(connection: Connection): string[] {
  const all = doubts(connection);
  const { service, client } = connection;
  const backlog = connection.kind === 'listener' ? service?.backlog : undefined;
  if (backlog !== undefined && backlog.waiting > 0)
    all.push(`${counted(backlog.waiting, 'client')} waiting (backlog ${backlog.most})`);
  const foreign = verdictOf(connection) === 'foreign';
  for (const { findings } of judgedEnds(connection)) {
    for (const { id, severity } of findings) {
      // The verdict says the same
      if (severity !== 'info' && !(foreign && id === 'service-sees-foreign') && !all.includes(id)) all.push(id);
    }
  }
  // A closed end closes both directions of the other
  if ([service, client].some((row) => row?.shutdown?.length === 1)) all.push('half-closed');
  return all;
}

/** Which peer is not believed, and why: the verdict at the service's end is about the client, and the one at the client's end about the service. */
function doubts(connection: Connection): string[] {
  const { service, client, kind } = connection;
  const worst = verdictOf(connection);
  const said: string[] = [];
  const say = (row: Row | undefined, who: string): void => {
    if (row === undefined || !isDoubtful(row)) return;
    const verdict = verdictThatCounts(row);
    // The finding that it was refused says all
    if (verdict === 'none') return;
    said.push(`${who}${verdict === worst ? '' : ` ${verdict ?? ''}`}: ${doubtText(row)}`);
  };
  if (kind === 'listener') say(service, 'listener');
  else {
    if (kind === 'connection') say(service, 'client');
    say(client, 'service');
  }
  return said;
}

/** What the verdict rests on, in a few words. */
function doubtText(row: Row): string {
  const { credential, byPid, byPidfd, seenBy } = row;
  const left = byPidfd?.state === 'exited' ? whatIsLeft(byPidfd) : [];
  const pid = `PID ${seenBy?.pid ?? credential?.pid ?? 0}`;
  switch (verdictThatCounts(row)) {
    case 'foreign':
      return `${seenBy?.holder ?? 'it'} is told PID 0`;
    case 'recycled':
      return [`${pid} is ${sanitise(byPid?.comm ?? '?')} now`, ...left].join(', ');
    case 'contradicted':
      return `${pid} is told, ${byPidfd?.pid === undefined ? 'another' : `PID ${byPidfd.pid}`} pinned`;
    case 'unpinned':
      return `${pid}, no pidfd`;
    default:
      return [pid, ...left].join(', ');
  }
}
