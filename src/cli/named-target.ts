import { formatTarget, parseTarget, type Target } from '../socket/address.js';
import { withNulBytes } from '../socket/opening/nul-as-at.js';
import type { Witness } from '../words/evidence.js';
import { sanitise } from '../words/sanitise.js';

/**
 * The SOCKET that was typed. Where `ss` prints a name in another way than peerpid does, what it was taken for is said on
 * standard error; JSON has the address.
 *
 * @throws Problem when it means nothing, or several sockets
 */
export function namedTarget(typed: string, witness: Witness, json: boolean): Target {
  const target = parseTarget(typed);
  const taken = withNulBytes(target, witness);
  if (taken !== target && !json) {
    const name = sanitise(formatTarget(taken));
    process.stderr.write(`${sanitise(formatTarget(target))} is read as ${name}: no socket has the name as typed\n`);
  }
  return taken;
}
