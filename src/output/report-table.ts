import Table from 'cli-table3';

import type { InspectDocument, ProcessDocument } from '../document.js';
import { credentialRows, processRows, type RowContext } from './process-rows.js';
import { sanitise } from './sanitise.js';
import type { Style } from './style.js';
import { cut } from './width.js';

/** One line of the table, as text. */
interface Line {
  readonly label: string;
  readonly byPid: string;
  readonly byPidfd: string;
  readonly differs: boolean;
}

const none = '-';
const mark = '≠';
/** Below this many columns two columns side by side have no room. */
const narrowest = 60;

/** The two columns side by side: what the number names, and what the pidfd pins. */
export function reportTable(context: RowContext, style: Style): string {
  const lines = linesOf(context);
  return style.width !== undefined && style.width < narrowest ? listed(lines, style) : tabulated(lines, style);
}

function linesOf(context: RowContext): Line[] {
  const { document } = context;
  const { byPid, byPidfd } = document;
  const then = document.recordedBy.replace(/\(2\)/g, '');
  const recorded = credentialRows.flatMap(({ label, fact, show, optional }) => {
    const { credential } = document;
    const byPid = credential === null ? none : (show(credential, context) ?? absent(context, `credential.${fact}`));
    return optional && byPid === none ? [] : [{ label: `${label} at ${then}`, byPid, byPidfd: '', differs: false }];
  });
  const processes = processRows.flatMap(({ label, fact, show, optional }) => {
    const cell = (process: ProcessDocument | null, column: 'byPid' | 'byPidfd'): string => {
      if (process === null) return fact === 'pid' ? missingProcess(document, column) : none;
      return show(process, context) ?? absent(context, `${column}.${fact}`);
    };
    const line = { label, byPid: cell(byPid, 'byPid'), byPidfd: cell(byPidfd, 'byPidfd') };
    if (optional && line.byPid === none && line.byPidfd === none) return [];
    return [{ ...line, differs: byPid !== null && byPidfd !== null && line.byPid !== line.byPidfd }];
  });
  return [...processes, ...recorded].map((line) => ({
    ...line,
    byPid: sanitise(line.byPid),
    byPidfd: sanitise(line.byPidfd),
  }));
}

function missingProcess({ credential, unavailable }: InspectDocument, column: 'byPid' | 'byPidfd'): string {
  if (column === 'byPid') {
    if (credential === null) return none;
    return credential.pid === 0 ? '0' : `${credential.pid}: nobody has it now`;
  }
  const code = unavailable.find(({ fact }) => fact === 'byPidfd')?.code;
  return code === undefined ? none : `no pidfd (${code})`;
}

function absent({ document }: RowContext, fact: string): string {
  const row = document.unavailable.find((unavailable) => unavailable.fact === fact);
  if (row?.code === 'EACCES' || row?.code === 'EPERM') return `not permitted (${row.code})`;
  return row?.code === 'ENOPROTOOPT' ? none : 'not known';
}

function tabulated(lines: readonly Line[], style: Style): string {
  const labels = Math.max(...lines.map(({ label }) => label.length)) + 2;
  // Between the two columns stand the mark and two gaps
  const room = style.width === undefined ? undefined : Math.floor((style.width - labels - 5) / 2);
  const fit = (text: string): string => (room === undefined ? text : cut(text, room));
  const table = new Table({
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    wordWrap: false,
  });
  const { chalk } = style;
  table.push(['', chalk.bold(fit('by PID (SO_PEERCRED)')), '', chalk.bold(fit('by pidfd (SO_PEERPIDFD)'))]);
  for (const { label, byPid, byPidfd, differs } of lines) {
    const paint = differs ? chalk.yellow : (text: string): string => text;
    table.push([chalk.dim(label), paint(fit(byPid)), differs ? paint(mark) : '', paint(fit(byPidfd))]);
  }
  return withoutTrailingBlanks(table.toString());
}

/** For a terminal that is too narrow for two columns. */
function listed(lines: readonly Line[], { width = narrowest, chalk }: Style): string {
  return lines
    .map(({ label, byPid, byPidfd, differs }) => {
      const text = differs
        ? `${label}: ${byPid} ${mark} ${byPidfd}`
        : `${label}: ${byPid === none ? byPidfd || none : byPid}`;
      return differs ? chalk.yellow(cut(text, width)) : cut(text, width);
    })
    .join('\n');
}

function withoutTrailingBlanks(text: string): string {
  return text.replace(/ +$/gm, '');
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
