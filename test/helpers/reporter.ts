import Mocha from 'mocha';

/** Mocha's usual output, and below it what was skipped and why, and the counts in one plain line. */
export default class Reporter extends Mocha.reporters.Spec {
  readonly #skipped: string[] = [];

  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.on('pending', (test) => this.#skipped.push(test.fullTitle()));
  }

  override epilogue(): void {
    super.epilogue();
    const { passes, failures } = this.stats;
    for (const title of this.#skipped) Mocha.reporters.Base.consoleLog(`  skipped: ${title}`);
    const skipped = this.#skipped.length === 0 ? '' : `, ${this.#skipped.length} skipped`;
    Mocha.reporters.Base.consoleLog(`${passes} passed, ${failures} failed${skipped}`);
  }
}
