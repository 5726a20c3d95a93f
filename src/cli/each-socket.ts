import type { CommandStatus } from '../words/problem.js';
import { sanitise } from '../words/sanitise.js';
import { worstOf } from './exit-status.js';

/** How a command that takes several SOCKETs looks at them. */
export interface EachSocket {
  /** @returns the addresses that one SOCKET stands for: more than one where it is a unit */
  readonly addressesOf: (typed: string) => Promise<readonly string[]>;
  readonly look: (address: string) => Promise<CommandStatus>;
  readonly tell: (error: unknown) => Promise<CommandStatus>;
  /** With a heading above each. */
  readonly headings: boolean;
}

/** Looks at one SOCKET after the other, whatever is wrong with any of them. @returns the worst status of all */
export async function lookAtEach(sockets: readonly string[], each: EachSocket): Promise<CommandStatus> {
  const statuses: CommandStatus[] = [];
  const under = async (name: string, look: () => Promise<CommandStatus>): Promise<void> => {
    const heading = `==> ${sanitise(name)} <==\n`;
    if (each.headings) process.stdout.write(statuses.length === 0 ? heading : `\n${heading}`);
    statuses.push(await look().catch(each.tell));
  };
  for (const typed of sockets) {
    const [addresses] = await Promise.allSettled([each.addressesOf(typed)]);
    if (addresses.status === 'rejected') {
      await under(typed, () => each.tell(addresses.reason));
      continue;
    }
    for (const address of addresses.value) {
      await under(address === typed ? typed : `${typed}: ${address}`, () => each.look(address));
    }
  }
  return worstOf(statuses);
}
