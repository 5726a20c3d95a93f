import wrapAnsi from 'wrap-ansi';

import type { HolderDocument, InspectDocument, Unavailable } from '../document.js';
import type { RowContext } from './process-rows.js';
import { reportTable } from './report-table.js';
import { sanitise } from './sanitise.js';
import { socketLine } from './socket-line.js';
import { severityWord, type Style, verdictWord } from './style.js';

/** A whole report: what was looked at, the table, the verdict, the findings, the holders, what could not be had. */
export function reportText(context: RowContext, style: Style): string {
  const { document } = context;
  const parts = [wrapped(socketLine(document.socket), style), ''];
  if (document.credential !== null || document.byPidfd !== null) parts.push(reportTable(context, style), '');
  parts.push(labelled(verdictWord(document.verdict, style), document.verdict.length, document.text, style));
  for (const { severity, text } of document.findings) {
    parts.push(labelled(severityWord(severity, style), severity.length, sanitise(text), style));
  }
  parts.push(...holderLines(document, style), ...missingLines(document.unavailable, style));
  return `${parts.join('\n')}\n`;
}

const indent = 14;

/** A word, and beside it a text that is folded to the terminal's width. */
function labelled(word: string, wordLength: number, text: string, style: Style): string {
  const folded = style.width === undefined ? text : wrapAnsi(text, Math.max(20, style.width - indent), { hard: true });
  return `${word}${' '.repeat(Math.max(1, indent - wordLength))}${folded.replaceAll('\n', `\n${' '.repeat(indent)}`)}`;
}

/** Text folded to the terminal's width. */
export function wrapped(text: string, { width }: Style): string {
  return width === undefined ? text : wrapAnsi(text, width, { hard: true });
}

function holderLines({ holders, socket }: InspectDocument, style: Style): string[] {
  if (holders === undefined) return [];
  const what = socket.state === 'connected' ? 'The other end is open in' : 'The socket is open in';
  const who = holders.length === 0 ? 'no process that can be seen' : holders.map(holderText).join(', ');
  return [labelled(style.chalk.dim('holders'), 'holders'.length, `${what} ${who}.`, style)];
}

function holderText({ pid, comm, fds }: HolderDocument): string {
  return `${pid} ${sanitise(comm ?? '?')} (fd ${fds.join(' ')})`;
}

/** What an unprivileged user does not see, in one line; the JSON has every fact with its reason. */
function missingLines(unavailable: readonly Unavailable[], style: Style): string[] {
  const forbidden = unavailable.filter(({ code }) => code === 'EACCES' || code === 'EPERM');
  const facts = [...new Set(forbidden.map(({ fact }) => fact.replace(/^by(Pid|Pidfd)\./, '')))];
  const unseen = unavailable.find(({ fact }) => fact === 'holders.notSeen')?.reason;
  const lines: string[] = [];
  if (facts.length > 0) lines.push(`Not permitted: ${facts.join(', ')}.`);
  if (unseen !== undefined) lines.push(`Holders: ${unseen}.`);
  if (lines.length === 0) return [];
  return [
    labelled(
      style.chalk.dim('not seen'),
      'not seen'.length,
      `${lines.join(' ')} Root sees more (CAP_SYS_PTRACE).`,
      style,
    ),
  ];
}
