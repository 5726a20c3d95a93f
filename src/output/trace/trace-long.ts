import type { TraceConnectEvent, TracedCaller, TraceMessageEvent } from '../../document/trace-event.js';
import { foldedBeside } from '../folded-beside.js';
import { fewOf } from '../../words/few.js';
import { safe } from '../safe.js';
import type { Style } from '../style.js';
import { idText, pidfdIdText, placesOf, processName } from '../who.js';
import { durationText } from './duration-text.js';

const labelColumns = 18;

/** What is known besides of a call, a line each. */
export function longTraceLines(event: TraceConnectEvent | TraceMessageEvent, style: Style): string {
  const { client, server, type, inode, networkNamespace, now, serverInode } = event;
  const rows: (readonly [label: string, value: string | undefined])[] = [
    ['client', [`pid ${client.pid}`, ...threadOf(client), ...pidfdIdText(client)].join(', ')],
    ['client ids', idsOf(client)],
    ['executable', client.exe === undefined ? undefined : safe(client.exe)],
    ['cgroup', safe(client.cgroup)],
    ['runs in', textOrNothing(placesOf(client))],
    ['socket', `${type ?? 'of another type'}, inode ${inode}, network namespace ${networkNamespace}`],
    [
      'took',
      event.event === 'connect' && event.nanoseconds !== undefined ? durationText(event.nanoseconds) : undefined,
    ],
    [
      'service',
      server &&
        [processName(server), ...pidfdIdText(server), `user ${idText(server.user.id, server.user.name)}`].join(', '),
    ],
    ['its socket', serverInode === undefined ? undefined : `inode ${serverInode}`],
    ['open in', openIn(event)],
    ['now', now && `${now.verdict}: ${now.sentence}`],
    ['note', client.compat === true ? 'a 32-bit program' : undefined],
    [
      'note',
      event.descriptorSwapped === true
        ? 'the descriptor was another socket after the call than before, so this may be of another one'
        : undefined,
    ],
  ];
  return rows
    .map(([label, value]) =>
      value === undefined ? '' : `${`    ${label}`.padEnd(labelColumns)}${foldedBeside(value, labelColumns, style)}\n`,
    )
    .join('');
}

function openIn({ holders = [], moreHolders = 0 }: TraceConnectEvent | TraceMessageEvent): string | undefined {
  if (holders.length === 0) return undefined;
  return fewOf(holders, processName, holders.length, holders.length + moreHolders).join(', ');
}

function idsOf({ user, group, realUser }: TracedCaller): string {
  const real = realUser.id === user.id ? '' : `, real user ${idText(realUser.id, realUser.name)}`;
  return `user ${idText(user.id, user.name)}, group ${idText(group.id, group.name)}${real}`;
}

/** Where another than the first thread made the call. */
function threadOf({ pid, thread }: TracedCaller): string[] {
  return pid === thread ? [] : [`thread ${thread}`];
}

function textOrNothing(parts: readonly string[]): string | undefined {
  return parts.length === 0 ? undefined : parts.join(', ');
}
