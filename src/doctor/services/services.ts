import { constants } from 'node:fs';

import { statusAt } from '../../../native-probe/paths.js';
import type { ServiceRow } from '../../document/doctor-document.js';
import { reading, valueOf } from '../../words/reading.js';
import { isAtLeast, parseVersion, type Version } from '../version.js';
import { askVersion, type Told } from './ask-version.js';
import { type KnownService, knownServices } from './known-services.js';
import { isRunning, type Processes, processesNow } from './running.js';

/** What services are looked for, and how. */
export interface ServiceOptions {
  /**
   * Whether the kernel has SO_PEERPIDFD: where it has not, no service can use pidfds of its peers. Undefined where only
   * peerpid was refused it, or nobody could try.
   */
  readonly kernelGives: boolean | undefined;
  /** The services to look for. */
  readonly services?: readonly KnownService[];
  /** How long a program may take to say its version. */
  readonly milliseconds?: number;
}

/** The system's own services that are installed, and whether each goes by pidfds. */
export async function serviceRows({
  kernelGives,
  services = knownServices,
  milliseconds = 5000,
}: ServiceOptions): Promise<ServiceRow[]> {
  const processes = processesNow();
  const rows = services.map((service) => rowOf(service, processes, kernelGives, milliseconds));
  return (await Promise.all(rows)).filter((row) => row !== undefined);
}

async function rowOf(
  service: KnownService,
  processes: Processes,
  kernelGives: boolean | undefined,
  milliseconds: number,
): Promise<ServiceRow | undefined> {
  const program = service.programs.find(isFile);
  if (program === undefined) return undefined;
  const told = await versionOf(service, program, milliseconds);
  const running = isRunning(processes, program, service.comm);
  return {
    id: service.id,
    ...('version' in told && { version: told.version.text }),
    program,
    ...(running !== undefined && { running }),
    since: service.uses[0].since,
    ...('version' in told
      ? conclusion(service, told.version, kernelGives)
      : { usesPidfds: 'not-known', detail: `Its version is not known: ${told.reason}.` }),
  };
}

async function versionOf(service: KnownService, program: string, milliseconds: number): Promise<Told> {
  const teller = service.tellers === undefined ? program : service.tellers.find(isFile);
  if (teller === undefined) return { reason: `there is no ${service.tellers?.join(' or ') ?? ''}` };
  return askVersion(teller, service.says, milliseconds);
}

/** Concludes from the version alone: a distribution may have brought a use to an older version, or left it out. */
function conclusion(
  { uses, otherwise, still }: KnownService,
  version: Version,
  kernelGives: boolean | undefined,
): Pick<ServiceRow, 'usesPidfds' | 'detail'> {
  const [has, later] = [
    uses.filter(({ since }) => isFrom(version, since)),
    uses.filter(({ since }) => !isFrom(version, since)),
  ];
  if (has.length === 0) {
    return {
      usesPidfds: 'no',
      detail: `As released upstream it ${otherwise}. From ${uses[0].since} on it ${uses[0].does}.`,
    };
  }
  if (kernelGives === false) {
    return {
      usesPidfds: 'no',
      detail: `As released upstream it ${otherwise} where the kernel gives no pidfds, as here.`,
    };
  }
  const condition = kernelGives === undefined ? ', if the kernel gives pidfds, which could not be tried' : '';
  const sentences = [
    `As released upstream it ${has.map(({ does }) => does).join(', and ')}${condition}.`,
    ...later.map(({ since, does }) => `From ${since} on it ${does}.`),
    ...(still === undefined ? [] : [still]),
  ];
  return { usesPidfds: kernelGives === undefined ? 'not-known' : 'yes', detail: sentences.join(' ') };
}

function isFrom(version: Version, since: string): boolean {
  const first = parseVersion(since);
  if (first === undefined) throw new Error(`${since} is no version`);
  return isAtLeast(version, first);
}

function isFile(path: string): boolean {
  // What is not for us to see is not for us to run
  const mode = valueOf(reading(() => statusAt(Buffer.from(path), path).mode));
  return mode !== undefined && (mode & constants.S_IFMT) === constants.S_IFREG;
}
