import type { InspectDocument } from '../../document/inspect-document.js';
import type { Names } from '../../document/names.js';
import type { Unavailable } from '../../document/unavailable.js';
import { asksText } from '../../socket/asks.js';
import { capitalised } from '../../words/capitalised.js';
import { fewOf } from '../../words/few.js';
import { sanitise } from '../../words/sanitise.js';
import { fold } from '../fold.js';
import { foldedBeside } from '../folded-beside.js';
import { severityWord, type Style, verdictWord } from '../style.js';
import { holderText } from '../who.js';
import { answerText } from './answer.js';
import { inspectionTable, reasonsNotKnown } from './inspection-table.js';
import { factLabel, otherReasons } from './other-reasons.js';
import { notKnown, type InspectionContext } from './process-rows.js';
import { serviceSeesText } from './service-sees-text.js';
import { socketLine } from './socket-line.js';

/** A whole inspection: the answer, what is wrong, what was looked at, the table, the verdict, what else was found, the holders, what could not be had. */
export function inspectionText(context: InspectionContext, style: Style): string {
  const { document } = context;
  const findingLine = ({ severity, text }: (typeof document.findings)[number]): string =>
    labelled(severityWord(severity, style), severity.length, sanitise(text), style);
  const parts = [
    style.chalk.bold(fold(answerText(context), style.width, 2)),
    // Before the table, below which nobody in a hurry looks
    ...document.findings.filter(({ severity }) => severity !== 'info').map(findingLine),
    fold(socketLine(document.socket), style.width, 2),
    '',
  ];
  const tabular = document.credential !== null || document.byPidfd !== null;
  if (tabular) parts.push(inspectionTable(context, style), '');
  parts.push(labelled(verdictWord(document.verdict, style), document.verdict.length, document.text, style));
  parts.push(
    ...document.findings.filter(({ severity }) => severity === 'info').map(findingLine),
    ...connectedLines(document, style),
    ...asksLines(context, style),
    ...holderLines(document, style),
    ...socketUnitLines(document, style),
    ...serviceSeesLines(document, style),
    ...missingLines(document.unavailable, style),
  );
  const ofTable = tabular ? reasonsNotKnown(context) : [];
  const said = [...document.findings.map(({ text }) => text), ...ofTable.map(sanitise)].join('\n');
  parts.push(...notKnownLines([...ofTable, ...otherReasons(document, said)], context.names, style));
  return `${parts.join('\n')}\n`;
}

const indent = 14;

/** A word, and beside it a text that is folded to the terminal's width. */
function labelled(word: string, wordLength: number, text: string, style: Style): string {
  return `${word}${' '.repeat(Math.max(1, indent - wordLength))}${foldedBeside(text, indent, style)}`;
}

/** That the service may have seen something of this. */
function connectedLines({ socket: { way, whyConnected } }: InspectDocument, style: Style): string[] {
  if (way !== 'connection') return [];
  const why = whyConnected === undefined ? ', as asked for (--connect)' : `: ${sanitise(whyConnected)}`;
  const text = `peerpid connected to it, which its service can see${why}.`;
  return [labelled(style.chalk.dim('connected'), 'connected'.length, text, style)];
}

function asksLines({ document: { socket }, both = false }: InspectionContext, style: Style): string[] {
  if (socket.asks === undefined) return [];
  // As every socket is: who is at the other end of a stream is known without
  const isAsMade = socket.type !== 'dgram' && socket.asks.join() === 'rights';
  if (isAsMade && !both) return [];
  return [labelled(style.chalk.dim('asks'), 'asks'.length, asksText(socket.asks), style)];
}

function holderLines({ holders, socket, unavailable }: InspectDocument, style: Style): string[] {
  if (holders === undefined) return holdersNotKnown(unavailable, style);
  const what = socket.state === 'connected' ? 'The other end is open in' : 'The socket is open in';
  const why = unavailable.find(({ fact }) => fact === 'holders')?.reason;
  const text =
    holders.length === 0
      ? sentence(why ?? 'no process was seen that has it open')
      : `${what} ${fewOf(holders, holderText).join(', ')}.`;
  return [labelled(style.chalk.dim('holders'), 'holders'.length, text, style)];
}

function socketUnitLines({ socketUnit }: InspectDocument, style: Style): string[] {
  if (socketUnit === undefined) return [];
  const { unit, starts } = socketUnit;
  const started = starts === undefined ? '' : `, and starts ${sanitise(starts)}`;
  return [labelled(style.chalk.dim('unit'), 'unit'.length, `${sanitise(unit)}: systemd listens${started}.`, style)];
}

function serviceSeesLines({ serviceSees }: InspectDocument, style: Style): string[] {
  if (serviceSees === undefined) return [];
  return [labelled(style.chalk.dim('in its eyes'), 'in its eyes'.length, serviceSeesText(serviceSees), style)];
}

/** Where it is not even known which socket it is, nobody could look who has it open. */
function holdersNotKnown(unavailable: readonly Unavailable[], style: Style): string[] {
  const { reason, code } = unavailable.find(({ fact }) => fact === 'holders') ?? {};
  if (reason === undefined) return [];
  // As of each client of `listen`
  if (code === undefined)
    return [labelled(style.chalk.dim('holders'), 'holders'.length, sentence(sanitise(reason)), style)];
  const why =
    code === 'ENOENT'
      ? 'the socket is not in the list of this network namespace, and may be of another one, which `peerpid scan`, as root, looks into'
      : reason;
  return [labelled(style.chalk.dim('holders'), 'holders'.length, `Not known: ${sanitise(why)}.`, style)];
}

/** @param names - of whom all that are shown have been asked for */
function notKnownLines(ofProcesses: readonly string[], names: Names, style: Style): string[] {
  const reasons = [...ofProcesses, ...names.missing.map(({ reason }) => reason)].map(sanitise).join('; ');
  if (reasons === '') return [];
  return [labelled(style.chalk.dim(notKnown), notKnown.length, sentence(reasons), style)];
}

function sentence(text: string): string {
  return `${capitalised(text)}.`;
}

/** What an unprivileged user does not see, in one line; the JSON has every fact with its reason. */
function missingLines(unavailable: readonly Unavailable[], style: Style): string[] {
  const forbidden = unavailable.filter(({ code }) => code === 'EACCES' || code === 'EPERM');
  const facts = [...new Set(forbidden.map(({ fact }) => factLabel(fact)))];
  const unseen = unavailable.find(({ fact }) => fact === 'holders.notSeen')?.reason;
  const lines: string[] = [];
  if (facts.length > 0) lines.push(`Not permitted: ${facts.join(', ')}.`);
  if (unseen !== undefined) lines.push(`Holders: ${unseen}.`);
  if (lines.length === 0) return [];
  return [labelled(style.chalk.dim('not seen'), 'not seen'.length, `${lines.join(' ')} ${whoSeesMore()}`, style)];
}

function whoSeesMore(): string {
  return process.geteuid?.() === 0
    ? 'CAP_SYS_PTRACE in the initial user namespace shows more.'
    : 'Root sees more (CAP_SYS_PTRACE).';
}
