import { BpfObject, ProgramRefusedError } from '../../../native-probe/bpf/bpf-object.js';
import { SyscallError } from '../../../native-probe/syscall-error.js';
import type { TraceEvent } from '../../../src/document/trace-event.js';
import { isRoot, requireThat } from '../machine/requirements.js';
import { repositoryPath } from '../pages.js';
import { type Running, type RunOptions, startPeerpid } from './run-peerpid.js';
import { RunningEvents } from './running-events.js';

/** A `peerpid trace --json` that runs: its events, one after the other. */
export class TracedEvents extends RunningEvents<TraceEvent> {
  private constructor(child: Running) {
    super(child, 'trace');
    child.stdin.end();
  }

  /** Starts it, and waits until it sees everything. @param args - that choose: others connect meanwhile */
  static async start(args: readonly string[], options?: RunOptions): Promise<TracedEvents> {
    const traced = new TracedEvents(startPeerpid(['trace', '--json', ...args], options));
    try {
      await traced.next('start');
    } catch (error) {
      await traced[Symbol.asyncDispose]();
      throw error;
    }
    return traced;
  }
}

/**
 * Skips the test where BPF programs may not be loaded, as in a container, or where there is nothing to load them. That the
 * verifier refuses one is no reason.
 */
export function requireTracing(context: Mocha.Context): void {
  requireThat(context, isRoot, 'needs root');
  try {
    using object = BpfObject.open(repositoryPath('native-probe/bpf'), 'trace');
    object.load(['enter', 'leave', 'ended']);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    const { log = [] } = error instanceof ProgramRefusedError ? error : {};
    const why = `BPF programs cannot be loaded: ${error.message}`;
    requireThat(context, log.length > 0 || process.env['CI'] === 'true', why);
    throw new Error([why, ...log.slice(-30)].join('\n'), { cause: error });
  }
}
