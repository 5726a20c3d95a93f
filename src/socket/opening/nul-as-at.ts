import { listSockets } from '../../../native-probe/sock-diag.js';
import type { Witness } from '../../words/evidence.js';
import { wrongUsage } from '../../words/problem.js';
import { valueOf } from '../../words/reading.js';
import { formatTarget, type Target } from '../address.js';

/**
 * An abstract name as `ss` and /proc/net/unix print it, which have `@` for each NUL byte: where no socket has the name
 * as it is typed, the one that they print so.
 *
 * @returns the target itself where that is what is there, or nothing is
 * @throws Problem where they print several names alike
 */
export function withNulBytes<T extends Target>(target: T, witness: Witness): T | Extract<Target, { kind: 'abstract' }> {
  if (target.kind !== 'abstract' || !target.name.includes(at)) return target;
  const typed = target.name;
  const names = witness.ask(() => namesPrintedAs(typed), {
    call: () => 'sock_diag: the abstract names of this network namespace, with @ for NUL',
    answer: (found) => (found.length === 0 ? 'none is printed that way' : found.map(formatted).join(', ')),
  });
  const found = valueOf(names) ?? [];
  if (found.some((name) => name.equals(typed))) return target;
  const [name, other] = found;
  if (name === undefined) return target;
  if (other !== undefined) {
    throw wrongUsage(
      `${formatTarget(target)} may be ${found.map(formatted).join(' or ')}`,
      '`ss` prints @ for a NUL byte: give one of these.',
    );
  }
  return { kind: 'abstract', name };
}

const at = 0x40;

function namesPrintedAs(typed: Buffer): Buffer[] {
  const found = new Map<string, Buffer>();
  for (const { address } of listSockets('all')) {
    if (address.kind !== 'abstract' || address.name.length !== typed.length) continue;
    const isAlike = address.name.every((byte, index) => byte === typed[index] || (byte === 0 && typed[index] === at));
    if (isAlike) found.set(address.name.toString('latin1'), address.name);
  }
  return [...found.values()];
}

function formatted(name: Buffer): string {
  return formatTarget({ kind: 'abstract', name });
}
