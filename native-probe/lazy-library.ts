import { constants } from 'node:os';

import { type ForeignLibrary, openLibrary } from './libc.js';
import { SyscallError } from './syscall-error.js';

type Called = ReturnType<ForeignLibrary['func']>;

/** What a function is given. */
export type LibraryArguments = Parameters<Called>;

/** Calls a function of a library by its name. @returns what it returns; 0 for a null pointer */
export type CallLibrary<Name extends string> = (name: Name, ...args: LibraryArguments) => number;

/**
 * A library of the system that is opened when a function of it is first called, and each function looked up likewise.
 *
 * @param name - by which the dynamic linker finds it
 * @param prototypes - of its functions, by their names
 * @param opened - is given the library when it has been opened
 * @returns what calls them; it throws SyscallError ENOENT where the library cannot be loaded
 */
export function lazyLibrary<Name extends string>(
  name: string,
  prototypes: Readonly<Record<Name, string>>,
  opened: (library: ForeignLibrary) => void = () => undefined,
): CallLibrary<Name> {
  let library: ForeignLibrary | undefined;
  const functions = new Map<Name, Called>();
  const libraryOnce = (): ForeignLibrary => {
    if (library !== undefined) return library;
    const found = openLibrary(name);
    if (found === undefined) throw new SyscallError('dlopen', constants.errno.ENOENT, name);
    opened(found);
    return (library = found);
  };
  return (wanted, ...args) => {
    let called = functions.get(wanted);
    if (called === undefined) functions.set(wanted, (called = libraryOnce().func(prototypes[wanted])));
    return Number(called(...args));
  };
}
