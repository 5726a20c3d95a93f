import Mocha from 'mocha';

/** Of what a test failed with, since the whole stands above. */
const mostOfReason = 300;

/** Mocha's usual output, and below it what was skipped and why, what failed, and the counts in one plain line. */
export default class Reporter extends Mocha.reporters.Spec {
  readonly #skipped: string[] = [];
  readonly #failed: string[] = [];

  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.on('pending', (test) => this.#skipped.push(test.fullTitle()));
    runner.on('fail', (test, error: Error) => {
      const [reason = ''] = error.message.split('\n');
      this.#failed.push(`${test.fullTitle()}: ${reason.slice(0, mostOfReason)}`);
    });
  }

  override epilogue(): void {
    super.epilogue();
    const { passes, failures } = this.stats;
    for (const title of this.#skipped) Mocha.reporters.Base.consoleLog(`  skipped: ${title}`);
    for (const failure of this.#failed) Mocha.reporters.Base.consoleLog(`  failed: ${failure}`);
    const skipped = this.#skipped.length === 0 ? '' : `, ${this.#skipped.length} skipped`;
    Mocha.reporters.Base.consoleLog(`${passes} passed, ${failures} failed${skipped}`);
  }
}
