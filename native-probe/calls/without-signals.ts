import * as libc from '../libc.js';
import { uapi } from '../uapi.js';

/**
 * Starts a child or a thread that blocks all signals: it would run Node's handlers, which are nothing for it. A child
 * would write into pipes of ours, with pointers of its own; and a call that is to be repeated would be cut short.
 */
export function withoutSignals<T>(start: () => T): T {
  const [all, before] = [Buffer.alloc(128, 0xff), Buffer.alloc(128)];
  libc.pthreadSigmask(uapi.SIG_SETMASK, all, before);
  try {
    return start();
  } finally {
    libc.pthreadSigmask(uapi.SIG_SETMASK, before, all);
  }
}
