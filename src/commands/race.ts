import { join } from 'node:path';

import * as Flags from '@oclif/core/flags';

import { PeerpidCommand } from '../cli/command.js';
import { forgeExitStatus, raceExitStatus } from '../cli/exit-status.js';
import { tellLeft } from '../cli/left-behind.js';
import { withProgress } from '../cli/progress.js';
import type { ForgeDocument } from '../document/forge-document.js';
import type { RaceDocument } from '../document/race-document.js';
import { play } from '../racing/play.js';

const leftCgroup = tellLeft('the cgroup', 'Remove it with rmdir(1).');

/** They take hours then. */
const mostRounds = 1_000_000;

export default class Race extends PeerpidCommand {
  static override summary = 'Show how a recycled PID deceives a service, and which methods it cannot fool.';

  static override description = `In namespaces of its own, a service looks at a client by PID, start time and pidfd. The client ends, and an impostor gets its PID. You see what the service then sees, and which of these methods take the impostor for the client. Nothing outside the namespaces is touched, and nothing is left running.

With --forge no PID is recycled: a BPF program on the client's cgroup writes another process's PID into the answer of SO_PEERCRED. That needs root, and a cgroup of its own for a moment.

Without --forge it needs no root where users may have user namespaces. Exit status: 0 it was shown, 1 could not be shown, 2 wrong usage, 3 a pidfd was deceived (a bug in peerpid or the kernel), 4 not possible on this system.`;

  static override examples = [
    { description: 'Convince a colleague:', command: '<%= config.bin %> race' },
    { description: 'How often is each method fooled?', command: '<%= config.bin %> race --rounds 1000' },
    { description: 'The PID rewritten on its way to the service:', command: '<%= config.bin %> race --forge' },
    {
      description: 'For a script:',
      command: `<%= config.bin %> race -c 100 --json | jq -c '.methods[]'`,
    },
  ];

  static override flags = {
    rounds: Flags.integer({
      char: 'c',
      min: 1,
      max: mostRounds,
      default: 1,
      helpValue: 'N',
      description: 'Do it this many times, and count how often each method is fooled.',
    }),
    forge: Flags.boolean({
      description: 'Have a BPF program rewrite SO_PEERCRED instead of recycling a PID. This needs root.',
      exclusive: ['rounds'],
    }),
  };

  async run(): Promise<RaceDocument | ForgeDocument> {
    const { flags } = await this.parse(Race);
    return flags.forge ? this.#forge(flags.explain) : this.#race(flags);
  }

  async #race({ rounds, explain }: { rounds: number; explain: boolean }): Promise<RaceDocument> {
    const program = join(this.config.root, 'dist/cli/race-stage.cjs');
    const document = await withProgress('rounds', (told) =>
      play({
        rounds,
        explain,
        program,
        tell: (played) => {
          told(played, rounds);
        },
      }),
    );
    process.exitCode = raceExitStatus(document);
    this.explain(document.exchange.inspection.evidence);
    await this.print(async (style) => (await import('../output/race/race-text.js')).raceText(document, style));
    return document;
  }

  async #forge(explain: boolean): Promise<ForgeDocument> {
    const { forge } = await import('../racing/forge.js');
    const document = forge(leftCgroup, explain);
    process.exitCode = forgeExitStatus(document);
    this.explain(document.before.inspection.evidence);
    this.explain(document.after.inspection.evidence);
    await this.print(async (style) => (await import('../output/race/forge-text.js')).forgeText(document, style));
    return document;
  }
}
