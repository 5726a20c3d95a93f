import Table from 'cli-table3';

import type { ProcessDocument } from '../../document/process-document.js';
import { sanitise } from '../../words/sanitise.js';
import type { Style } from '../style.js';
import { columnsOf, cut, fits, widestCell } from '../width.js';
import {
  credentialRows,
  detailRows,
  type Headings,
  identityRows,
  none,
  notKnown,
  type ProcessRow,
  type RowContext,
  type TabledDocument,
} from './process-rows.js';

/** One line of the table, as text. */
interface Line {
  /** Whether both columns are shown also where they agree. */
  readonly hasBoth: boolean;
  readonly label: string;
  readonly byPid: string;
  readonly byPidfd: string;
  readonly differs: boolean;
  /** Whether it says nothing that matters beside the others. */
  readonly repeats: boolean;
  /** The fields of the JSON that it comes from. */
  readonly facts: readonly string[];
}

const notPermitted = 'not permitted';
const marks = { same: '=', differs: '≠' } as const;
const headings = { byPid: 'by PID (SO_PEERCRED)', byPidfd: 'by pidfd (SO_PEERPIDFD)' } as const;
/** For a terminal in which those have no room. */
const shortHeadings = { byPid: 'by PID', byPidfd: 'by pidfd' } as const;
/** Columns of the terminal that the mark and the gaps between the columns take. */
const gaps = 7;
/** What a column needs at least: a time has that many. */
const narrowest = 19;

/**
 * The two columns side by side: what the number names, and what the pidfd pins. What does not tell one process from
 * another is shown once where both agree, unless all is wanted in both.
 */
export function inspectionTable(context: RowContext, style: Style): string {
  const lines = linesOf(context)
    .filter((line) => tellsSomething(line) && (context.both === true || line.differs || !line.repeats))
    .map((line) => ({ ...line, byPid: sanitise(line.byPid), byPidfd: sanitise(line.byPidfd) }));
  const labels = Math.max(...lines.map(({ label }) => label.length));
  const heads = context.headings ?? headings;
  if (style.width === undefined) return tabulated(lines, labels, style, undefined, heads);
  const room = style.width - labels - gaps;
  return room < 2 * narrowest ? listed(lines, labels, style) : tabulated(lines, labels, style, room, heads);
}

/** Why facts are not known, each reason once; a fact that is missing on both sides is not in the table. */
export function reasonsNotKnown(context: RowContext): string[] {
  const reasons = new Map<string, { facts: Set<string>; columns: Set<string>; code: string | undefined }>();
  for (const { label, facts, ...cells } of linesOf(context)) {
    for (const fact of facts) {
      const column = fact.startsWith('byPidfd.') ? 'byPidfd' : 'byPid';
      const { reason, code } = context.document.unavailable.find((row) => row.fact === fact) ?? {};
      if (cells[column] !== notKnown || reason === undefined) continue;
      const known = reasons.get(reason) ?? { facts: new Set(), columns: new Set(), code };
      reasons.set(reason, known);
      known.facts.add(label);
      known.columns.add(column === 'byPid' ? 'by PID' : 'by pidfd');
    }
  }
  // ESRCH means that the process has ended, which the state tells already
  const told = [...reasons].filter(([, { code }]) => code !== 'ESRCH' || reasons.size === 1);
  // All of one reason, and of any other which
  const most = Math.max(...told.map(([, { facts }]) => facts.size));
  return told.map(([reason, { facts, columns }]) => {
    const which = facts.size > 3 && facts.size === most ? '' : `${[...facts].join(', ')} `;
    return `${which}${[...columns].join(' and ')}: ${reason}`;
  });
}

/** Whether one side of a row has something to tell: a value, or that it may not be seen. */
function tellsSomething({ label, byPid, byPidfd }: Line): boolean {
  return label === 'pid' || [byPid, byPidfd].some((cell) => cell !== '' && cell !== none && cell !== notKnown);
}

function linesOf(context: RowContext): Line[] {
  return [...processLines(identityRows, context), ...credentialLines(context), ...processLines(detailRows, context)];
}

function credentialLines(context: RowContext): Line[] {
  const { credential, recordedBy } = context.document;
  if (credential === null) return [];
  const then = recordedBy.replace(/\(2\)/g, '');
  return credentialRows.map(({ label, fact, show }) => ({
    label: `${label} at ${then}`,
    byPid: show(credential, context) ?? absent(context, `credential.${fact}`),
    byPidfd: '',
    differs: false,
    repeats: false,
    hasBoth: false,
    facts: [`credential.${fact}`],
  }));
}

function processLines(rows: readonly ProcessRow[], context: RowContext): Line[] {
  const { document } = context;
  const { byPid, byPidfd } = document;
  const wanted = rows.filter(
    ({ onlyIf }) => onlyIf === undefined || [byPid, byPidfd].some((process) => process !== null && onlyIf(process)),
  );
  return wanted.map(({ label, fact, show, isMinor = false, differs: differ, repeats: repeat }) => {
    const cell = (process: ProcessDocument | null, column: 'byPid' | 'byPidfd'): string => {
      if (process === null) return fact === 'pid' ? missingProcess(document, column) : none;
      return show(process, context) ?? absent(context, `${column}.${fact}`);
    };
    const cells = { byPid: cell(byPid, 'byPid'), byPidfd: cell(byPidfd, 'byPidfd') };
    const differs =
      byPid !== null &&
      byPidfd !== null &&
      byPid !== byPidfd &&
      isKnown(cells.byPid) &&
      isKnown(cells.byPidfd) &&
      (cells.byPid !== cells.byPidfd || differ?.(byPid, byPidfd) === true);
    // A value of one side alone must not be taken for the other's, too
    const hasBoth = context.both === true || rows === identityRows || differs || cells.byPid !== cells.byPidfd;
    const isOneSided = byPid?.[fact] === undefined || byPidfd?.[fact] === undefined;
    const repeats =
      (isMinor && byPid !== null && byPidfd !== null && isOneSided) ||
      (repeat !== undefined &&
        [byPid, byPidfd].every((process) => process?.[fact] === undefined || repeat(process, context)));
    return { label, ...cells, differs, repeats, hasBoth, facts: [`byPid.${fact}`, `byPidfd.${fact}`] };
  });
}

/** Of what is not known nobody knows whether it differs. */
function isKnown(cell: string): boolean {
  return cell !== notKnown && !cell.startsWith(notPermitted);
}

function missingProcess({ credential, unavailable }: TabledDocument, column: 'byPid' | 'byPidfd'): string {
  if (column === 'byPid') {
    if (credential === null) return none;
    return credential.pid === 0 ? '0' : `${credential.pid}: nobody has it now`;
  }
  const code = unavailable.find(({ fact }) => fact === 'byPidfd')?.code;
  return code === undefined ? none : `no pidfd (${code})`;
}

function absent({ document }: RowContext, fact: string): string {
  const row = document.unavailable.find((unavailable) => unavailable.fact === fact);
  if (row?.code === 'EACCES' || row?.code === 'EPERM') return `${notPermitted} (${row.code})`;
  return row?.code === 'ENOPROTOOPT' ? none : notKnown;
}

/**
 * The cells are cut before cli-table3 has them: it shortens one a character at a time.
 *
 * @param room - columns for both values together; undefined where there is no terminal
 */
function tabulated(
  lines: readonly Line[],
  labels: number,
  style: Style,
  room: number | undefined,
  wide: Headings,
): string {
  const { chalk } = style;
  const both = lines.filter(({ hasBoth }) => hasBoth);
  const heads = room !== undefined && room < 2 * wide.byPidfd.length ? shortHeadings : wide;
  const { left, right } = widths(both, heads, room);
  const table = new Table({
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    wordWrap: false,
  });
  table.push([' '.repeat(labels), chalk.bold(heads.byPid), '', chalk.bold(heads.byPidfd)]);
  for (const line of both) {
    const paint = line.differs ? chalk.magenta : (text: string): string => text;
    const cells = [paint(cut(line.byPid, left)), paint(markOf(line)), paint(cut(line.byPidfd, right))];
    table.push([chalk.dim(line.label), ...cells]);
  }
  const [heading = '', ...drawn] = table.toString().split('\n');
  const whole = room === undefined ? widestCell : room + gaps - 2;
  const all = lines.map((line) =>
    line.hasBoth ? (drawn.shift() ?? '') : `${chalk.dim(line.label.padEnd(labels))}  ${cut(line.byPid, whole)}`,
  );
  return [heading, ...all].map((line) => line.trimEnd()).join('\n');
}

/** Nothing where one side has no value that could be compared. */
function markOf({ byPid, byPidfd, differs }: Line): string {
  if (differs) return marks.differs;
  return byPid === byPidfd && byPid !== none && byPid !== notKnown ? marks.same : '';
}

/** Each column gets half of the room, and what the other column does not need. */
function widths(lines: readonly Line[], heads: Headings, room: number | undefined): { left: number; right: number } {
  if (room === undefined) return { left: widestCell, right: widestCell };
  const needed = (column: 'byPid' | 'byPidfd'): number =>
    Math.max(heads[column].length, ...lines.map((line) => columnsOf(line[column])));
  const half = Math.floor(room / 2);
  const left = Math.min(needed('byPid'), Math.max(half, room - needed('byPidfd')));
  return { left, right: room - left };
}

/** For a terminal that is too narrow for two columns: both values in a line, or in two where they do not fit. */
function listed(lines: readonly Line[], labels: number, { width = 0, chalk }: Style): string {
  const blank = ' '.repeat(labels);
  const legend = lines.some(({ differs }) => differs)
    ? [chalk.bold(cut(`${blank}  by PID ${marks.differs} by pidfd`, width))]
    : [];
  const values = lines.flatMap(({ label, byPid, byPidfd, differs }) => {
    const first = `${label.padEnd(labels)}  `;
    if (byPid === byPidfd || byPid === none || byPidfd === none || byPidfd === '')
      return [cut(`${first}${byPid === none ? byPidfd || none : byPid}`, width)];
    const paint = differs ? chalk.magenta : (text: string): string => text;
    // Of two values one may be unknown
    const mark = differs ? marks.differs : 'by pidfd';
    const together = `${first}${byPid} ${mark} ${byPidfd}`;
    if (fits(together, width)) return [paint(together)];
    return [`${first}${byPid}`, `${blank}${mark} ${byPidfd}`].map((line) => paint(cut(line, width)));
  });
  return [...legend, ...values].join('\n');
}

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
} as const;
