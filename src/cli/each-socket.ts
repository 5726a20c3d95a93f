import { type CommandStatus, exitStatuses } from '../words/problem.js';
import { sanitise } from '../words/sanitise.js';
import { worstOf } from './exit-status.js';
import { doneBefore, rememberDone } from './held-up.js';

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
  const before = doneBefore();
  let number = 0;
  let worst: CommandStatus = before?.status ?? exitStatuses.believed;
  const under = async (name: string, look: () => Promise<CommandStatus>): Promise<void> => {
    const at = number++;
    // Where this started over: those are done, and the heading of the next was printed
    if (before !== undefined && at < before.number) return;
    const heading = `==> ${sanitise(name)} <==\n`;
    if (each.headings && at !== before?.number) process.stdout.write(at === 0 ? heading : `\n${heading}`);
    worst = worstOf([worst, await look().catch(each.tell)]);
    rememberDone({ number, status: worst });
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
  return worst;
}
