import { Command } from '@oclif/core/command';
import * as Errors from '@oclif/core/errors';
import * as Flags from '@oclif/core/flags';
import type { CommandError } from '@oclif/core/interfaces';

import { problemDocument } from '../document/error-document.js';
import { evidenceLine } from '../output/evidence-line.js';
import { problemText } from '../output/problem-text.js';
import { colours, type Style, styleOf } from '../output/style.js';
import { type Step, Witness } from '../words/evidence.js';
import { environment } from '../words/environment.js';
import type { CommandStatus } from '../words/problem.js';
import { safeJson } from '../words/sanitise.js';
import type { Circumstances } from './advice/advice.js';
import { problemOf } from './advice/errors.js';
import { endWithoutDestructors } from './ending.js';
import { refuseValues } from './flags.js';
import { watchOutput } from './standard-output.js';
import type { Usage } from './usage-words.js';

/** What every command of peerpid has in common: `--json`, `--explain`, colour, and errors with a hint and an exit status. */
export abstract class PeerpidCommand extends Command {
  static override enableJsonFlag = true;

  static override baseFlags = {
    json: Flags.boolean({ char: 'J', description: 'Print JSON.', helpGroup: 'GLOBAL' }),
    explain: Flags.boolean({
      char: 'e',
      description: 'Show each system call that mattered, its answer and what follows from it, on standard error.',
      helpGroup: 'GLOBAL',
    }),
    // Without a value, and as --no-color, it is typed as well: see `typedWords`
    color: Flags.option({
      description: 'When to use colour; auto means on a terminal.',
      options: colours,
      default: 'auto',
      helpValue: 'auto|always|never',
      helpGroup: 'GLOBAL',
    })(),
  };

  /** What the advice on an error may depend on. A command sets it as soon as it knows what it was told to look at. */
  protected circumstances: Circumstances = {};

  protected override async init(): Promise<void> {
    if (environment('PEERPID_STARTED_OVER') !== undefined) {
      (await import('./held-up.js')).takeOver();
      if (this.argv.some((word) => /^(?:--explain|-\w*e\w*)$/.test(word)) && !this.jsonEnabled()) {
        process.stderr.write(
          'No progress: peerpid starts over, and leaves out processes that sleep in the middle of execve(2).\n',
        );
      }
    }
    watchOutput();
    endWithoutDestructors();
    refuseValues(this.argv, { ...this.ctor.flags, ...PeerpidCommand.baseFlags });
    await super.init();
  }

  /** The witness of this run: it tells what it sees with `--explain` only. */
  protected witness(explain: boolean): Witness {
    if (!explain) return Witness.silent();
    const style = styleOf(process.stderr);
    return Witness.recording((step: Step) => {
      if (!this.jsonEnabled()) process.stderr.write(evidenceLine(step, style));
    });
  }

  /**
   * Prints for people; nothing with `--json`.
   *
   * @param draw - what it prints; it is called only then, so that it may load what JSON does not need
   * @param paged - whether what is longer than the terminal is shown in a pager
   */
  protected async print(draw: (style: Style) => Promise<string>, paged = false): Promise<void> {
    if (this.jsonEnabled()) return;
    const body = await draw(styleOf(process.stdout));
    if (!paged || !process.stdout.isTTY) process.stdout.write(body);
    else await (await import('./pager.js')).printLong({ body, summary: '' }, true);
  }

  /** Shows steps on standard error that were written down elsewhere; not with `--json`, which has them as `evidence`. */
  protected explain(steps: readonly Step[] = []): void {
    if (this.jsonEnabled()) return;
    const style = styleOf(process.stderr);
    for (const step of steps) process.stderr.write(evidenceLine(step, style));
  }

  /** Whether what is printed as JSON is an object a line, on a terminal too. */
  protected jsonLines = false;

  /** Prints what run() returned: pretty on a terminal and one line in a pipe. A command that has printed its JSON itself returns undefined. */
  override logJson(json: unknown): void {
    if (json === undefined) return;
    process.stdout.write(`${safeJson(json, process.stdout.isTTY && !this.jsonLines ? 2 : 0)}\n`);
  }

  protected override async catch(error: CommandError): Promise<void> {
    if (error instanceof Errors.ExitError) throw error;
    process.exitCode = await this.tell(error);
  }

  #usage(): Usage {
    const flags = { ...this.ctor.flags, ...this.ctor.baseFlags };
    return {
      command: this.id ?? '',
      options: ['help', ...Object.keys(flags)].map((name) => `--${name}`),
      otherWith: (option) =>
        this.config.commands.find((command) =>
          Object.values(command.flags).some(({ name, char }) => option === `--${name}` || option === `-${char ?? ''}`),
        )?.id,
    };
  }

  /** Tells of an error. @returns the exit status that it is worth */
  protected async tell(error: unknown): Promise<CommandStatus> {
    const problem = await problemOf(error, this.circumstances, this.#usage());
    if (this.jsonEnabled()) this.logJson(problemDocument(problem));
    else process.stderr.write(problemText(problem, styleOf(process.stderr)));
    return problem.exitStatus;
  }
}
