import { join } from 'node:path';

import * as Flags from '@oclif/core/flags';

import { PeerpidCommand } from '../cli/command.js';
import { raceExitStatus } from '../cli/exit-status.js';
import { ProgressBar } from '../cli/progress.js';
import type { ForgeDocument } from '../document/forge-document.js';
import type { RaceDocument } from '../document/race-document.js';
import { evidenceLine } from '../output/evidence-line.js';
import { styleOf } from '../output/style.js';
import { play } from '../racing/play.js';

/** They take hours then. */
const mostRounds = 1_000_000;

export default class Race extends PeerpidCommand {
  static override summary = 'Show how a recycled PID deceives a service, and what does not let itself be deceived.';

  static override description = `In namespaces of its own, a service looks at a client by PID, start time and pidfd. The client ends, and its number is given to an impostor. What the service then sees is shown, and which of these methods take the impostor for the client. Nothing outside the namespaces is touched, and nothing is left running.

With --forge no PID is recycled: a BPF program on the client's cgroup writes another process's PID into what SO_PEERCRED answers. That takes root, and a cgroup of its own for a moment.

Without --forge it takes no root where users may have user namespaces. Exit status: 0 it was shown, 1 could not be shown, 2 wrong usage, 3 a pidfd was deceived (a bug of peerpid's or the kernel's), 4 not possible on this system.`;

  static override examples = [
    { description: 'Convince a colleague:', command: '<%= config.bin %> race' },
    { description: 'How often is each method fooled?', command: '<%= config.bin %> race --rounds 1000' },
    { description: 'The PID rewritten on its way to the service:', command: '<%= config.bin %> race --forge' },
    {
      description: 'For a script:',
      command: `<%= config.bin %> race -n 100 --json | jq -c '.methods[]'`,
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
    forge: Flags.boolean({
      description: 'Have a BPF program rewrite SO_PEERCRED, in place of recycling a PID. It takes root.',
      exclusive: ['rounds'],
    }),
  };

  async run(): Promise<RaceDocument | ForgeDocument> {
    const { flags } = await this.parse(Race);
    return flags.forge ? this.#forge(flags.explain, flags.color) : this.#race(flags);
  }

  async #race(flags: { rounds: number; explain: boolean; color: boolean }): Promise<RaceDocument> {
    const document = await this.#play(flags.rounds, flags.explain);
    process.exitCode = raceExitStatus(document);
    if (!this.jsonEnabled()) {
      const { raceText } = await import('../output/race/race-text.js');
      const style = styleOf(process.stderr);
      for (const step of document.exchange.inspection.evidence ?? []) process.stderr.write(evidenceLine(step, style));
      process.stdout.write(raceText(document, styleOf(process.stdout, flags.color)));
    }
    return document;
  }

  async #forge(explain: boolean, colour: boolean): Promise<ForgeDocument> {
    const { forge } = await import('../racing/forge.js');
    const { forgeExitStatus } = await import('../cli/exit-status.js');
    const document = forge(explain);
    process.exitCode = forgeExitStatus(document);
    if (!this.jsonEnabled()) {
      const { forgeText } = await import('../output/race/forge-text.js');
      const style = styleOf(process.stderr);
      for (const { inspection } of [document.before, document.after]) {
        for (const step of inspection.evidence ?? []) process.stderr.write(evidenceLine(step, style));
      }
      process.stdout.write(forgeText(document, styleOf(process.stdout, colour)));
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
