import type {
  BusConnectionDocument,
  BusDocument,
  BusSocketDocument,
  PolkitDocument,
} from '../../document/bus-document.js';
import type { ProcessDocument } from '../../document/process-document.js';
import type { Names } from '../../document/names.js';
import type { Namespaces } from '../../../native-probe/namespaces.js';
import { fewOf, mostGroupsNamed, mostNamed } from '../../words/few.js';
import { sanitise } from '../../words/sanitise.js';
import { foldedBeside } from '../folded-beside.js';
import { inspectionTable, reasonsNotKnown } from '../inspect/inspection-table.js';
import type { RowContext } from '../inspect/process-rows.js';
import { safe } from '../safe.js';
import { severityWord, type Style, verdictWord } from '../style.js';
import { idText, processText } from '../who.js';
import { processOn } from './bus-table.js';
import { itselfText, notSeenText, relayText } from './bus-summary.js';

const indent = 14;

export interface BusDetailContext {
  readonly names: Names;
  readonly ourNamespaces: Namespaces | undefined;
}

/** One connection, with all that is known of it. */
export function busDetail(
  client: BusConnectionDocument,
  document: BusDocument,
  context: BusDetailContext,
  style: Style,
): string {
  const line = (word: string, length: number, text: string): string =>
    `${word}${' '.repeat(Math.max(1, indent - length))}${foldedBeside(text, indent, style)}`;
  const label = (word: string, text: string): string => line(style.chalk.dim(word), word.length, text);
  const { verdict, text, findings, credentials, kernel, names } = client;
  const table = tableContext(client, context);
  const lines = [style.chalk.bold(foldedBeside(headline(client), 2, style)), ''];
  if (table.document.byPid !== null || table.document.byPidfd !== null || credentials !== null) {
    lines.push(inspectionTable(table, style), '');
  }
  lines.push(line(verdictWord(verdict, style), verdict.length, sanitise(text)));
  for (const { severity, text: said } of findings) {
    lines.push(line(severityWord(severity, style), severity.length, sanitise(said)));
  }
  if (document.bus.relay === true)
    lines.push(line(severityWord('warning', style), 'warning'.length, relayText(document)));
  lines.push(label('owns', names.length === 0 ? 'no well-known name' : fewOf(names, safe).join(' ')));
  if (credentials !== null) lines.push(label('bus says', credentialsText(credentials, context.names)));
  lines.push(
    label(
      'kernel says',
      kernel.length === 0 ? 'not known' : fewOf(kernel, recordText, mostNamed, client.kernelCount).join('; '),
    ),
  );
  if (client.polkit !== undefined) {
    lines.push(label('polkit', sanitise(client.polkit.text)), label('session', sessionText(client.polkit)));
  }
  lines.push(label('bus', itselfText(document)));
  const reasons = reasonsNotKnown(table).map(sanitise).join('; ');
  if (reasons !== '') lines.push(label('not known', `${reasons}.`));
  const unseen = notSeenText(document);
  if (unseen !== '') lines.push(label('not seen', unseen));
  return lines.join('\n');
}

function headline(client: BusConnectionDocument): string {
  const process = processOn(client);
  const { uniqueName, names, credentials } = client;
  const [name] = names;
  const called = name === undefined ? safe(uniqueName) : `${safe(uniqueName)} (${safe(name)})`;
  const user = credentials?.user ?? credentials?.uid?.toString();
  const who = process === null ? 'a process that is not known' : processText(process);
  return `${called}: ${who}${user === undefined ? '' : `, user ${safe(user)}`}`;
}

function sessionText({ session }: PolkitDocument): string {
  if (session === undefined) return 'not known';
  if (session === null) return 'none: the process is in no login session';
  const { id, seat, active, remote, class: kind } = session;
  const parts = [
    safe(id),
    seat === null ? 'without a seat' : `at ${safe(seat)}`,
    active === undefined ? 'which logind does not know' : active ? 'active' : 'not active',
    remote === true ? 'remote' : '',
    kind === undefined ? '' : `class ${safe(kind)}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** Beside the bus's PID its pidfd, or where it gives none that of the kernel's record. */
function tableContext(client: BusConnectionDocument, { names, ourNamespaces }: BusDetailContext): RowContext {
  const { byPid, credentials, unavailable } = client;
  const byKernel = client.byPidfd === null && credentials?.pidfd !== true ? kernelsProcess(client) : undefined;
  return {
    document: {
      recordedBy: 'connect(2)',
      byPid,
      byPidfd: byKernel ?? client.byPidfd,
      unavailable,
      credential: credentials && { ...credentials, pid: credentials.pid ?? 0 },
    },
    names,
    ourNamespaces,
    headings: {
      byPid: 'by PID (ProcessID)',
      byPidfd: byKernel === undefined ? 'by pidfd (ProcessFD)' : 'by the kernel (SO_PEERPIDFD)',
    },
  };
}

function kernelsProcess({ byPid, kernel }: BusConnectionDocument): ProcessDocument | undefined {
  const [record, ...others] = kernel;
  const process = record?.byPidfd;
  if (process === undefined || process === null) return undefined;
  if (others.some(({ byPidfd }) => byPidfd?.pidfdId !== process.pidfdId)) return undefined;
  return byPid !== null && byPid.pidfdId === process.pidfdId ? byPid : process;
}

function credentialsText(credentials: NonNullable<BusConnectionDocument['credentials']>, names: Names): string {
  const { pid, uid, user, groups, groupCount, securityLabel, pidfd, others = [] } = credentials;
  const parts = [
    `ProcessID ${pid ?? 'none'}`,
    pidfd ? 'ProcessFD' : 'no ProcessFD',
    `UnixUserID ${uid === undefined ? 'none' : idText(uid, user)}`,
    groups === undefined
      ? 'no UnixGroupIDs'
      : `UnixGroupIDs ${fewOf(groups, (gid) => idText(gid, names.group(gid)), mostGroupsNamed, groupCount).join(' ')}`,
    securityLabel === undefined ? 'no LinuxSecurityLabel' : `LinuxSecurityLabel ${sanitise(securityLabel)}`,
    ...fewOf(others, ({ name, value, signature }) =>
      value === undefined
        ? `${sanitise(name)} (of D-Bus type ${sanitise(signature ?? '')})`
        : `${sanitise(name)} ${sanitise(String(value))}`,
    ),
  ];
  return parts.join(', ');
}

function recordText({ credential, verdict, inode, byPidfd, seenBy }: BusSocketDocument): string {
  const seen = seenBy === undefined ? '' : `, in the eyes of the bus ${seenBy.pid ?? '?'}`;
  const pinned = byPidfd === undefined || byPidfd === null ? '' : `, its pidfd is of ${processText(byPidfd)}`;
  return `socket ${inode} from PID ${credential.pid}${seen}, uid ${idText(credential.uid, credential.user)}, gid ${idText(credential.gid, credential.group)}: ${verdict}${pinned}`;
}
