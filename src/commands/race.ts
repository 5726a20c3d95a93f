import { join } from 'node:path';

import { Flags } from '@oclif/core';

import { PeerpidCommand } from '../command.js';
import { evidenceLine } from '../output/evidence-line.js';
import { ProgressBar } from '../output/progress.js';
import { styleOf } from '../output/style.js';
import { play } from '../racing/play.js';
import { raceExitStatus } from '../racing/race-exit-status.js';
import type { RaceDocument } from '../racing/race-document.js';

/** They take hours then. */
const mostRounds = 1_000_000;

export default class Race extends PeerpidCommand {
  static override summary = 'Show how a recycled PID deceives a service, and what does not let itself be deceived.';

  static override description = `In namespaces of its own, a service looks at a client by PID, start time and pidfd. The client ends, and its number is given to an impostor. What the service then sees is shown, and which of these methods take the impostor for the client. Nothing outside the namespaces is touched, and nothing is left running.

It takes no root where users may have user namespaces. Exit status: 0 it was shown, 1 could not be shown, 2 wrong usage, 3 a pidfd was deceived (a bug of peerpid's or the kernel's), 4 not possible on this system.`;

  static override examples = [
    { description: 'Convince a colleague:', command: '<%= config.bin %> race' },
    { description: 'How often is each method fooled?', command: '<%= config.bin %> race --rounds 1000' },
    {
      description: 'For a script:',
      command: `<%= config.bin %> race --rounds 100 --json | jq '.methods[] | {id, inTime, tooLate}'`,
    },
  ];

  static override flags = {
    rounds: Flags.integer({
      char: 'n',
      min: 1,
      max: mostRounds,
      default: 1,
      helpValue: 'N',
      description: 'Do it so often, and count how often each method is fooled.',
    }),
  };

  async run(): Promise<RaceDocument> {
    const { flags } = await this.parse(Race);
    const document = await this.#play(flags.rounds, flags.explain);
    process.exitCode = raceExitStatus(document);
    if (!this.jsonEnabled()) {
      const { raceText } = await import('../output/race-text.js');
      const style = styleOf(process.stderr);
      for (const step of document.exchange.inspection.evidence ?? []) process.stderr.write(evidenceLine(step, style));
      process.stdout.write(raceText(document, styleOf(process.stdout, flags.color)));
    }
    return document;
  }

  async #play(rounds: number, explain: boolean): Promise<RaceDocument> {
    using bar = new ProgressBar(process.stderr, 'rounds');
    return await play({
      rounds,
      explain,
      program: join(this.config.root, 'dist/cli/race-stage.cjs'),
      tell: (played) => {
        bar.tell(played, rounds);
      },
    });
  }
}
