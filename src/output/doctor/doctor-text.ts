import type { Ability, DoctorDocument, DoctorRow, RowGroup, ServiceRow } from '../../document/doctor-document.js';
import { errnoText } from '../../words/errno-text.js';
import { sanitise } from '../../words/sanitise.js';
import { foldedBeside } from '../folded-beside.js';
import type { Style } from '../style.js';

export const abilityWords: Readonly<Record<Ability, string>> = {
  works: 'works',
  'does-not': 'does not',
  'may-not': 'may not',
  'not-tried': 'not tried',
};

/** What a service goes by. */
export const goesBy: Readonly<Record<ServiceRow['usesPidfds'], string>> = {
  yes: 'pidfds',
  no: 'PIDs',
  'not-known': 'not known',
};

const groupTitles: Readonly<Record<RowGroup, string>> = {
  credentials: 'Credentials',
  pidfds: 'Pidfds',
  messages: 'Messages',
  looking: 'Looking without connecting',
  proc: 'What processes are',
  system: 'System',
  bpf: 'BPF',
};

/** The table of doctor, for a terminal. */
export function doctorText(document: DoctorDocument, style: Style): string {
  const lines = [foldedBeside(whereLine(document), 0, style)];
  const idWidth = Math.max(...document.rows.map(({ id }) => id.length));
  let group: RowGroup | undefined;
  for (const row of document.rows) {
    if (row.group !== group) lines.push('', style.chalk.bold(groupTitles[row.group]));
    group = row.group;
    lines.push(rowText(row, idWidth, style));
  }
  if (document.services.length > 0) {
    lines.push('', style.chalk.bold('Services'));
    lines.push(...document.services.map((service) => serviceText(service, document.services, style)));
  }
  if (document.verdicts !== undefined) {
    const { possible, detail } = document.verdicts;
    lines.push(
      '',
      style.chalk[possible === undefined ? 'magenta' : possible ? 'green' : 'red'](foldedBeside(detail, 0, style)),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Where all this was tried: no host names. */
export function whereLine({ peerpid, node, kernel, user }: DoctorDocument): string {
  const who = user.uid === 0 ? 'root' : `user ${user.uid}`;
  const none =
    user.seccomp === undefined ? 'capabilities not known, as /proc does not say' : 'no capabilities that matter';
  const may = user.capabilities.length === 0 ? none : user.capabilities.join(' ');
  const filter = user.seccomp === undefined ? '' : user.seccomp ? ', under a seccomp filter' : ', no seccomp filter';
  return `peerpid ${peerpid}, Node ${node}, Linux ${sanitise(kernel.release)} ${kernel.architecture}, as ${who} (${may})${filter}`;
}

/** What stands in front of a row's text: two blanks, a word, a blank, the id, two blanks. */
function rowText(row: DoctorRow, idWidth: number, style: Style): string {
  const { id, ability, since, without, fix } = row;
  const indent = 2 + 9 + 2 + idWidth + 2;
  const head = `  ${paint(ability, style)}  ${id.padEnd(idWidth)}  `;
  const lines = [
    `${row.name}${since === undefined ? '' : ` (${since})`}: ${seen(row)}`,
    ...(without === undefined ? [] : [style.chalk.dim(`Without it: ${lowerFirst(without)}`)]),
    ...(fix === undefined ? [] : [`Fix: ${sanitise(fix)}`]),
  ];
  return head + lines.map((line) => foldedBeside(line, indent, style)).join(`\n${' '.repeat(indent)}`);
}

/** What was seen, with the errno that it was seen by. */
export function seen({ detail, error }: DoctorRow): string {
  const text = sanitise(detail);
  if (error === undefined || text.includes(error.code)) return text;
  return `${text.replace(/\.$/, '')} (${sanitise(error.syscall)}: ${errnoText(error.code)}).`;
}

function serviceText(service: ServiceRow, all: readonly ServiceRow[], style: Style): string {
  const idWidth = Math.max(...all.map(({ id }) => id.length));
  const word = goesBy[service.usesPidfds].padEnd(9);
  const painted = service.usesPidfds === 'yes' ? style.chalk.green(word) : style.chalk.magenta(word);
  const head = `  ${painted}  ${service.id.padEnd(idWidth)}  `;
  return head + foldedBeside(serviceLine(service), 2 + 9 + 2 + idWidth + 2, style);
}

/** Version, whether it runs, and what it goes by. */
export function serviceLine({ version, running, detail }: ServiceRow): string {
  const runs =
    running === undefined ? 'not known whether running, as /proc does not say' : running ? 'running' : 'not running';
  // Without a version the detail says so
  return `${version === undefined ? '' : `${sanitise(version)}, `}${runs}: ${sanitise(detail)}`;
}

function paint(ability: Ability, { chalk }: Style): string {
  const word = abilityWords[ability].padEnd(9);
  switch (ability) {
    case 'works':
      return chalk.green(word);
    case 'does-not':
      return chalk.red(word);
    case 'may-not':
      return chalk.magenta(word);
    case 'not-tried':
      return chalk.dim(word);
  }
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
