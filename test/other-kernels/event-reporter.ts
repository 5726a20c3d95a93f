import { openSync, writeSync } from 'node:fs';

import Mocha from 'mocha';

import { patience } from '../helpers/patience.js';
import type { GuestEvent } from './guest-event.js';

/** Tells each test's outcome at once, so that what came before a crash is known. */
export default class EventReporter extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const { port } = options?.reporterOptions as { port: string };
    const fd = openSync(port, 'w');
    const tell = (event: GuestEvent): void => {
      writeSync(fd, `${JSON.stringify(event)}\n`);
    };
    runner.on('start', () => {
      runner.suite.eachTest((test) => test.timeout(test.timeout() * patience));
    });
    runner.on('pass', (test) => {
      tell({ event: 'pass', title: test.fullTitle(), milliseconds: test.duration ?? 0 });
    });
    runner.on('pending', (test) => {
      tell({ event: 'skip', title: test.fullTitle() });
    });
    runner.on('fail', (test, error: Error) => {
      tell({ event: 'fail', title: test.fullTitle(), error: error.stack ?? error.message });
    });
    runner.on('end', () => {
      tell({ event: 'end' });
    });
  }
}
