/** What the questions to the kernel have in common. An answer is in words, or the name of an errno. */
import type { Fd } from '../../../../native-probe/fd.js';
import { SyscallError } from '../../../../native-probe/syscall-error.js';
import * as unix from '../../../../native-probe/unix-socket.js';

export function errnoOr(ask: () => string): string {
  try {
    return ask();
  } catch (error) {
    if (error instanceof SyscallError) return error.code;
    throw error;
  }
}

export function addressOf(name: string): { kind: 'abstract'; name: Buffer } {
  return { kind: 'abstract', name: Buffer.from(name.slice(1)) };
}

export function listenAt(name: string): Fd {
  const listener = unix.openSocket('stream');
  unix.bind(listener, addressOf(name));
  unix.listen(listener, 4);
  return listener;
}

export function acceptFrom(listener: Fd): Fd {
  const accepted = unix.accept(listener);
  if (accepted === undefined) throw new Error('nobody has connected');
  return accepted;
}
