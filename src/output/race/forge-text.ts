import type { ForgeDocument, ServiceDocument } from '../../document/forge-document.js';
import type { ProcessDocument } from '../../document/process-document.js';
import { sanitise } from '../../words/sanitise.js';
import { foldedBeside } from '../folded-beside.js';
import { type Style, verdictWord } from '../style.js';

/** A forged SO_PEERCRED, step by step: what the service is told before and after, and what follows. */
export function forgeText(document: ForgeDocument, style: Style): string {
  const { client, trusted, program, before, after } = document;
  const { verdict, text } = after.inspection;
  const steps = [
    `A client connects. It is PID ${client.pid}, and the process that the service trusts is PID ${trusted.pid}.`,
    `A BPF program of ${program.instructions} instructions is attached to the client's cgroup. It writes ${trusted.pid} into the answer of SO_PEERCRED.`,
  ].map((step, index) => `${index + 1}  ${foldedBeside(step, 3, style)}`);
  const [connecting = '', attaching = ''] = steps;
  const parts = [
    'A service trusts its clients by PID. A BPF program comes in between.',
    '',
    connecting,
    '',
    ...serviceTable(before, style),
    '',
    attaching,
    '',
    ...serviceTable(after, style),
    '',
    `${verdictWord(verdict, style)}  ${foldedBeside(`${text}${moral(document)}`, verdict.length + 2, style)}`,
  ];
  return `${parts.join('\n')}\n`;
}

/** What a service can do about it. */
function moral({ after }: ForgeDocument): string {
  return after.trustsPidfd === false ? ' SO_PEERPIDFD does not go through such programs, and is not deceived.' : '';
}

/** The widths of the labels and of the first values, in columns. Behind these stands the mark of rows that differ. */
const [labels, values] = [16, 24] as const;

function serviceTable(service: ServiceDocument, { chalk }: Style): string[] {
  const { credential, byPid, byPidfd } = service.inspection;
  const rows = [
    ['pid', `${credential?.pid ?? 'none'}`, byPidfd === null ? 'no pidfd' : `${byPidfd.pid ?? 'none'}`],
    ['command', commandOf(byPid), commandOf(byPidfd)],
    ['pidfd id', idOf(byPid), idOf(byPidfd)],
    ['the service', decision(service.trustsPid), decision(service.trustsPidfd)],
  ] as const;
  const line = (label: string, left: string, mark: string, right: string): string =>
    `   ${label}`.padEnd(labels) + left.padEnd(values) + mark.padEnd(2) + right;
  return [
    chalk.bold(line('', 'by PID (SO_PEERCRED)', '', 'by pidfd (SO_PEERPIDFD)')),
    ...rows.map(([label, left, right]) =>
      left === right ? line(label, left, '', right) : chalk.magenta(line(label, left, '≠', right)),
    ),
  ];
}

function commandOf(process: ProcessDocument | null): string {
  return process === null ? '-' : sanitise(process.comm ?? 'not known');
}

function idOf(process: ProcessDocument | null): string {
  return `${process?.pidfdId ?? '-'}`;
}

function decision(trusts: boolean | undefined): string {
  if (trusts === undefined) return 'cannot decide';
  return trusts ? 'lets it in' : 'turns it away';
}
