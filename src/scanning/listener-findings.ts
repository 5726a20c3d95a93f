import type { DiagSocket } from '../../native-probe/diag-socket.js';
import { toWrite } from '../socket/access/classes.js';
import { keepsOut } from '../socket/access/keeps-out.js';
import { type Finding, finding } from '../verdict/finding.js';
import { isUnanswered, type Reading, type RefusalCode, valueOf } from '../words/reading.js';
import { escapedName } from '../words/text.js';
import type { BoundFile } from './bound-file/bound-file.js';
import { isChanging } from './bound-file/looks.js';
import type { FileThere } from './bound-file/path-view.js';
import { crowdFindings, type CrowdInput } from './crowded/crowd-findings.js';

/** All that the findings of a listener or a datagram receiver are drawn from. */
export interface ListenerInput extends CrowdInput {
  /** Undefined for an abstract name. */
  readonly file: Reading<BoundFile> | undefined;
  /** Who holds the socket that is bound to the file at the path now, when it is another: `process 42 (nginx)`. */
  readonly taker: string | undefined;
}

/** The findings about a socket to which others connect or send. */
export function listenerFindings(input: ListenerInput): Finding[] {
  return [...ofFile(input), ...crowdFindings(input), ...ofAccess(input)];
}

/** What a client does, in words. */
function clientsOf({ type }: DiagSocket): { connect: string; stay: string } {
  return type === 'dgram'
    ? { connect: 'send to it', stay: 'those that are connected still can' }
    : { connect: 'connect to it', stay: 'those that are connected stay connected' };
}

function ofFile({ socket, file, taker }: ListenerInput): Finding[] {
  if (isUnanswered(file)) return [finding('path-unreadable', 'info', unansweredText(file.error.code))];
  if (isChanging(file)) return [finding('path-unreadable', 'info', changingText)];
  const found = valueOf(file);
  const { connect, stay } = clientsOf(socket);
  switch (found?.there) {
    case 'deleted':
      return [
        finding(
          'file-deleted',
          'warning',
          `Its file was deleted: nobody can ${connect} by its path any more, and ${stay}.`,
        ),
      ];
    case 'missing':
      return [
        finding(
          'file-deleted',
          'warning',
          `Nothing is at its path any more: unless its file was renamed${cutText(found)}, nobody can ${connect}, and ${stay}.`,
        ),
      ];
    case 'replaced': {
      const lost = found.deleted ? '' : `, unless its file was renamed${cutText(found)}`;
      const text = `${whatIsThere(found.by, taker)} Nobody can ${connect} by its path any more${lost}, and ${stay}.`;
      return [finding('path-taken', 'warning', text)];
    }
    case 'moved': {
      const to = escapedName(found.to);
      if (found.by === undefined) {
        const text = `Its file was renamed since bind(2), and is ${to} now. The kernel still shows the old path.`;
        return [finding('file-moved', 'info', text)];
      }
      const text = `${whatIsThere(found.by, taker)} Its own file was renamed, and is ${to} now.`;
      return [finding('path-taken', 'warning', text)];
    }
    case 'bound':
    case undefined:
      return [];
  }
}

const changingText = 'It is not known whether its path leads to it: what is there changed at every look.';

function unansweredText(code: RefusalCode): string {
  return code === 'EBUSY'
    ? 'It was not tried whether its path leads to it: the file systems of too many other paths did not answer.'
    : 'It is not known whether its path leads to it: a file system on its path did not answer in time. Others that look there may hang forever.';
}

/** Where no more was looked at, in words. */
function cutText({ cut }: { cut?: true }): string {
  return cut ? ' (the search for it was not finished)' : '';
}

function whatIsThere({ isSocket }: FileThere, taker: string | undefined): string {
  if (!isSocket) return 'Something that is not a socket is at its path now.';
  return taker === undefined
    ? 'The file of another socket is at its path now, and no process was seen that serves that one.'
    : `Another socket has its path now: clients reach ${taker}.`;
}

function ofAccess({ socket, file }: ListenerInput): Finding[] {
  // A connected datagram socket takes messages of its peer only (unix_may_send()); one shut down takes nothing
  if (socket.shutdown.receive || (socket.type === 'dgram' && socket.peerInode !== undefined)) return [];
  const may = socket.type === 'dgram' ? 'may send to it' : 'may connect to it';
  if (socket.address.kind === 'abstract') {
    return [
      finding(
        'open-to-all',
        'info',
        `Any process of its network namespace ${may}: an abstract name has no owner and no mode.`,
      ),
    ];
  }
  const found = valueOf(file);
  if (found?.there !== 'bound' && found?.there !== 'moved') return [];
  const guards = valueOf(found.guards);
  if (keepsOut(found.file, toWrite) || guards === undefined || guards.length > 0) return [];
  return [
    finding(
      'open-to-all',
      'info',
      `Anybody ${may}: its file is writable for everybody, and no directory on its path keeps anybody out.`,
    ),
  ];
}
