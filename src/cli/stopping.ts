import { endingSignals } from '../../native-probe/held-signals.js';
import { onOutputClosed } from './standard-output.js';

/** While this is there, signals stop a command rather than end the process. */
export interface Stopping extends Disposable {
  /** Whether a signal came. */
  readonly bySignal: boolean;
}

/**
 * Calls something when the user has had enough: at a signal that would end the program, and when nobody reads the
 * output any more.
 *
 * @returns what gives the signals their usual effect again
 */
export function whenToStop(stop: () => void): Stopping {
  let bySignal = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!bySignal && signal === 'SIGQUIT') process.once('exit', quit);
    bySignal = true;
    stop();
  };
  for (const signal of endingSignals) process.on(signal, onSignal);
  onOutputClosed(stop);
  return {
    get bySignal() {
      return bySignal;
    },
    [Symbol.dispose]: () => {
      for (const signal of endingSignals) process.off(signal, onSignal);
    },
  };
}

/** The user wants it to end as SIGQUIT ends a program, with a core dump where those are made; now all is cleaned up. */
function quit(): void {
  process.kill(process.pid, 'SIGQUIT');
}
