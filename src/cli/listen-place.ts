import type { LeftBehind } from '../../native-probe/syscall-error.js';
import { freshPath } from '../listening/fresh-path.js';
import { type AddressTarget, formatTarget, parseTarget } from '../socket/address.js';
import { wrongUsage } from '../words/problem.js';

/**
 * The SOCKET of `peerpid listen`, where a socket is to be made.
 *
 * @param typed - undefined where none was
 * @param mode - of `--mode`
 * @throws Problem for a socket that is there already, and for a mode where there is no file
 */
export function listenAddress(typed: string | undefined, mode: number | undefined): AddressTarget | undefined {
  if (typed === undefined) return undefined;
  const target = parseTarget(typed);
  if (target.kind === 'descriptor' || target.kind === 'inode') {
    throw wrongUsage(
      'listen makes a socket of its own',
      'Give a path or @name; `peerpid inspect` looks at a socket that is there.',
    );
  }
  // The user would believe that the mode keeps somebody out
  if (target.kind === 'abstract' && mode !== undefined) {
    throw wrongUsage(
      `--mode is for a file, and ${formatTarget(target)} has none`,
      'Any process of its network namespace may connect to an abstract name: give a path, or omit --mode.',
    );
  }
  return target;
}

/** Where to listen: the address that was typed, or a fresh path, whose directory goes when this is disposed of. */
export function listenPlace(
  typed: AddressTarget | undefined,
  left: LeftBehind,
): { readonly address: AddressTarget } & Disposable {
  if (typed !== undefined) return { address: typed, [Symbol.dispose]: () => undefined };
  const fresh = freshPath(left);
  return {
    address: { kind: 'path', path: fresh.path },
    [Symbol.dispose]: () => {
      fresh[Symbol.dispose]();
    },
  };
}
