import type { BusConnectionDocument, BusDocument } from '../../document/bus-document.js';
import type { ProcessDocument } from '../../document/process-document.js';
import type { ProcessBrief } from '../../document/scan-document.js';
import { worstKnown } from '../../verdict/bus-verdict.js';
import { gravity } from '../../verdict/gravity.js';
import type { Verdict } from '../../verdict/verdict.js';
import { fewOf } from '../../words/few.js';
import { alignColumns, type Cells, cellsOf, type Column, fittingColumns, mostOf } from '../columns.js';
import { foldedBeside } from '../folded-beside.js';
import { safe } from '../safe.js';
import { paintVerdict, type Style } from '../style.js';
import { containerText, unitText } from '../who.js';

type Client = BusConnectionDocument;

interface BusColumn extends Column {
  readonly cell: (client: Client) => string;
}

const none = '-';

/** The columns of the table, which peerpid-bus(1) has, too. */
export const busColumns: readonly BusColumn[] = [
  { heading: 'VERDICT', cell: ({ verdict }) => verdict },
  { heading: 'KERNEL', droppable: 'early', cell: kernelCell },
  { heading: 'NAME', cell: ({ uniqueName }) => safe(uniqueName), least: 6 },
  { heading: 'PID', cell: ({ credentials }) => credentials?.pid?.toString() ?? none },
  { heading: 'PROGRAM', least: 8, cell: (client) => safe(processOn(client)?.comm ?? '?') },
  { heading: 'USER', least: 6, cell: ({ credentials }) => userText(credentials) },
  { heading: 'UNIT', least: 8, droppable: 'late', cell: placeOf },
  { heading: 'OWNS', least: 8, cell: ({ names }) => fewOf(names, safe).join(' ') },
];

/** Which process has a connection, as far as the bus's pidfd or the kernel says; else who has the PID now. */
export function processOn({ byPidfd, byPid, kernel }: Client): ProcessDocument | ProcessBrief | null {
  if (byPidfd !== null) return byPidfd;
  const [record, ...others] = kernel;
  if (record === undefined || others.some(({ verdict }) => verdict !== record.verdict)) return byPid;
  return record.verdict === 'pinned' ? byPid : (record.byPidfd ?? null);
}

/** The worst first, and those alike in the order in which they came. */
export function inOrder(clients: readonly Client[]): readonly Client[] {
  const rank = ({ verdict, kernel }: Client): number => gravity[worstKnown(verdict, kernel)];
  return clients.toSorted((a, b) => rank(a) - rank(b) || numberIn(a) - numberIn(b));
}

function numberIn({ uniqueName }: Client): number {
  return Number(/\d+$/.exec(uniqueName)?.[0] ?? 0);
}

function kernelCell({ kernel }: Client): string {
  const verdicts = [...new Set(kernel.map(({ verdict, seenBy }) => seenBy?.verdict ?? verdict))];
  return verdicts.length === 0 ? '?' : verdicts.join(' or ');
}

function userText(credentials: Client['credentials']): string {
  return safe(credentials?.user ?? credentials?.uid?.toString() ?? none);
}

function placeOf(client: Client): string {
  const process = processOn(client);
  if (process === null) return none;
  return unitText(process) ?? (process.container ? containerText(process.container) : none);
}

/** A line for each connection. */
export function busTable({ connections }: BusDocument, style: Style): string {
  const lines = inOrder(connections);
  const available: Cells[] = busColumns.map((column) =>
    cellsOf(column, [column.heading, ...lines.map(column.cell)], mostOf(true, style)),
  );
  const { columns, dropped } = fittingColumns(available, style.width);
  const paint = (cell: string, line: number, column: number): string => {
    if (line === 0) return style.chalk.dim(cell);
    const client = lines[line - 1];
    return column === 0 && client !== undefined ? paintVerdict(cell, client.verdict, style, isCalm(client)) : cell;
  };
  const drawn = alignColumns(columns, style.width, paint);
  if (dropped.length === 0) return drawn.join('\n');
  const note = `No room for ${dropped.map(({ heading }) => heading).join(', ')}: give a name to see all of it.`;
  return [...drawn, '', style.chalk.dim(foldedBeside(note, 0, style))].join('\n');
}

/** A bus that gives no pidfds is nothing to be alarmed at, where the kernel has nothing against it. */
function isCalm({ verdict, kernel }: Client): boolean {
  const calm: readonly Verdict[] = ['unpinned', 'pinned', 'foreign', 'none'];
  return verdict !== 'pinned' && calm.includes(worstKnown(verdict, kernel));
}
