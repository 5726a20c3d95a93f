import type { Activity } from '../../../native-probe/proc/process-activity.js';
import type { EndChange } from '../../connections/marked-connections.js';
import type { ProcessBrief } from '../../document/scan-document.js';
import type { HolderDocument, IdDocument } from '../../document/socket-document.js';
import { fewOf, mostGroupsNamed } from '../../words/few.js';
import { activityText } from '../../words/activity-text.js';
import { sanitise } from '../../words/sanitise.js';
import { processName } from '../who.js';

/** What changed at the ends of a connection, in words. */
export function changesText(changes: readonly EndChange[]): string {
  // Both ends of a connection tell the same of some things, and what follows from another is not told
  const isActivityTold = changes.some(({ field }) => field.endsWith('.activity'));
  const words = changes.flatMap((change) => changeWords(change, isActivityTold) ?? []);
  return [...new Set(words)].join('; ');
}

/** Findings that say the same as a process's activity. */
const ofActivity = new Set(['suspended', 'ending']);

function changeWords(
  { end, peer, field, before, now }: EndChange,
  isActivityTold: boolean,
): string | undefined | readonly string[] {
  const [what, fact] = field.split('.') as [string, string?];
  // The other number tells the same
  if (fact === 'activity') return activityWords(peer, now);
  if (fact !== undefined) return fact === 'state' ? undefined : `${peer}’s ${fact}: ${arrow(before, now, factText)}`;
  switch (what) {
    case 'verdict':
      return `${peer} ${arrow(before, now, plain)}`;
    case 'state':
      return `${end} ${arrow(before, now, plain)}`;
    case 'holders':
      return holdersWords(end, before as readonly HolderDocument[], now as readonly HolderDocument[]);
    case 'findings': {
      const isNew = (id: string): boolean => !isActivityTold || !ofActivity.has(id);
      return listed((before as readonly string[]).filter(isNew), (now as readonly string[]).filter(isNew)) || undefined;
    }
    case 'shutdown':
      return `${end} closed: ${factText(now)}`;
    case 'peerInode':
      return before === undefined ? 'connected' : 'the other end is gone';
    case 'byPidfd':
      return `${peer}: ${arrow(before, now, processOrNone)}`;
    case 'byPid':
      // The verdict tells it
      return undefined;
    default:
      return `${end}’s ${what}: ${arrow(before, now, factText)}`;
  }
}

function arrow(before: unknown, now: unknown, text: (value: unknown) => string): string {
  return `${text(before)} → ${text(now)}`;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : '-';
}

function factText(value: unknown): string {
  if (value === undefined || value === null) return '-';
  if (typeof value === 'string') return sanitise(value);
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return fewOf(value, factText, mostGroupsNamed).join(' ') || 'none';
  return typeof value === 'object' ? objectText(value) : '-';
}

/** Ids, of which one stands for all where they are alike; else names and values. */
function objectText(value: object): string {
  if ('id' in value) {
    const { id, name } = value as IdDocument;
    return name === undefined ? String(id) : sanitise(name);
  }
  const values: unknown[] = Object.values(value);
  if ('effective' in value && values.every((one) => one === values[0])) return factText(values[0]);
  return Object.entries(value)
    .map(([name, one]) => `${name} ${factText(one)}`)
    .join(' ');
}

function processOrNone(value: unknown): string {
  return value === undefined ? '-' : processName(value as ProcessBrief);
}

function holdersWords(
  end: string,
  before: readonly HolderDocument[],
  now: readonly HolderDocument[],
): string | readonly string[] {
  const changed = listed(before.map(processName), now.map(processName));
  if (changed !== '') return `${end}: ${changed}`;
  return now.flatMap((holder) => {
    const was = before.find(({ pid }) => pid === holder.pid);
    if (was?.activity === holder.activity) return [];
    return activityWords(now.length === 1 ? end : `${end} ${processName(holder)}`, holder.activity);
  });
}

function activityWords(who: string, now: unknown): string {
  return `${who} ${typeof now === 'string' && now in activityText ? activityText[now as Activity] : 'goes on'}`;
}

/** What is new and what is gone in a list. */
function listed(before: readonly string[], now: readonly string[]): string {
  const [had, has] = [new Set(before), new Set(now)];
  const came = now.filter((one) => !had.has(one)).map((one) => `+ ${one}`);
  const went = before.filter((one) => !has.has(one)).map((one) => `- ${one}`);
  return fewOf([...came, ...went], (change) => change).join(', ');
}
