import { endingSignals } from '../../native-probe/held-signals.js';
import { onOutputClosed } from './standard-output.js';

/**
 * Calls something when the user has had enough: at a signal that would end the program, and when nobody reads the
 * output any more.
 *
 * @returns what gives the signals their usual effect again
 */
export function whenToStop(stop: () => void): Disposable {
  for (const signal of endingSignals) process.on(signal, stop);
  onOutputClosed(stop);
  return {
    [Symbol.dispose]: () => {
      for (const signal of endingSignals) process.off(signal, stop);
    },
  };
}
