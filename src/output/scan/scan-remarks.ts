import { type Connection, judgedEnds, verdictOf } from '../../connections/connections.js';
import { isDoubtful, verdictThatCounts } from '../../connections/doubt.js';
import type { ScannedSocketDocument } from '../../document/scan-document.js';
import { activityText, suspending } from '../../words/activity-text.js';
import { sanitise } from '../../words/sanitise.js';
import { backlogText, processName, whatIsLeft } from '../who.js';

type Row = ScannedSocketDocument;

/** What is worth a look at a connection, in a few words each: why a PID is not believed, findings, a crowded backlog, closed directions. */
export function remarksOf(connection: Connection): string[] {
  return isUnremarkable(connection) ? [] : remarks(connection);
}

/**
 * Whether something is not well: a PID that cannot be trusted, whoever goes by it, a finding of severity `warning` or
 * worse, a holder that is kept from going on. Clients that wait, and directions that are closed, are no more than that.
 */
export function isUnwell(connection: Connection): boolean {
  return judgedEnds(connection).some(
    (row) =>
      isDoubtful(row) ||
      keptText(row.holders) !== undefined ||
      row.findings.some(({ severity }) => severity !== 'info'),
  );
}

/** Whether there is nothing to remark, as of most connections: it is found out quickly. */
function isUnremarkable({ kind, service, client }: Connection): boolean {
  if (kind === 'listener' && service?.backlog && backlogText(service.backlog) !== undefined) return false;
  return isPlain(service) && isPlain(client);
}

function isPlain(row: Row | undefined): boolean {
  if (row === undefined) return true;
  const { findings, shutdown, holders } = row;
  return findings.length === 0 && shutdown === undefined && !isDoubtful(row) && keptText(holders) === undefined;
}

function remarks(connection: Connection): string[] {
  const all = doubts(connection);
  const { service, client } = connection;
  const backlog = connection.kind === 'listener' ? service?.backlog && backlogText(service.backlog) : undefined;
  if (backlog !== undefined) all.push(backlog);
  const kept = [...keptEnd(serviceWord[connection.kind], service), ...keptEnd('client', client)];
  all.push(...kept);
  all.push(...lostPeer(connection), ...relays(connection));
  const suspended = kept.length > 0;
  const foreign = verdictOf(connection) === 'foreign';
  for (const { findings } of judgedEnds(connection)) {
    for (const { id, severity } of findings) {
      // The verdict says the same, or who holds the socket
      const isSaid = (foreign && id === 'service-sees-foreign') || (suspended && id === 'suspended');
      if (severity !== 'info' && !isSaid && !all.includes(id)) all.push(id);
    }
  }
  // A closed end closes both directions of the other
  if ([service, client].some((row) => row?.shutdown?.length === 1)) all.push('half-closed');
  return all;
}

/** Whose end it was that is closed, where the verdict does not say so. */
function lostPeer(connection: Connection): string[] {
  const [end, ...others] = judgedEnds(connection);
  const isKept = end?.findings.some(({ id }) => id === 'closed-and-kept') === true && others.length === 0;
  const peer = end?.byPidfd ?? end?.byPid;
  if (!isKept || isDoubtful(end) || !peer) return [];
  return [
    `${end.recordedBy === 'connect(2)' ? 'client' : end.recordedBy === 'listen(2)' ? 'service' : 'peer'} was ${processName(peer)}`,
  ];
}

/** Who speaks for others, where a service takes it for a client, and at the listener of a relay: else nothing in a line says so. */
function relays({ kind, service }: Connection): string[] {
  const isRelay = service?.findings.some(({ id }) => id === 'peer-is-relay') === true;
  // What is found at one end is of the other
  return isRelay ? [kind === 'connection' ? 'client is a relay' : 'relay'] : [];
}

/** What the service's end of a line is. */
const serviceWord: Readonly<Record<Connection['kind'], string>> = {
  connection: 'service',
  waiting: 'listener',
  listener: 'listener',
  sender: 'receiver',
  receiver: 'receiver',
  unconnected: '',
};

/** `service stopped`: what keeps whoever holds an end. */
function keptEnd(end: string, row: Row | undefined): string[] {
  const kept = row && keptText(row.holders);
  return kept === undefined ? [] : [`${end} ${kept}`.trimStart()];
}

/** What keeps a socket's holders: all of them, since of several any may go on. */
function keptText(holders: Row['holders']): string | undefined {
  const [first] = holders;
  const activity = first?.activity;
  if (activity === undefined || !suspending.has(activity) || !holders.every((one) => one.activity === activity))
    return undefined;
  return activityText[activity];
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
      return `${seenBy?.holder ?? 'it'} sees PID 0`;
    case 'recycled':
      return [`${pid} is ${sanitise(byPid?.comm ?? '?')} now`, ...left].join(', ');
    case 'contradicted':
      return `${pid} is given, ${byPidfd?.pid === undefined ? 'another' : `PID ${byPidfd.pid}`} pinned`;
    case 'unpinned':
      return `${pid}, no pidfd`;
    default:
      return [pid, ...left].join(', ');
  }
}
