import { join } from 'node:path';

import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { PeerpidCommand } from '../cli/command.js';
import { doctorExitStatus } from '../cli/exit-status.js';
import { requireKnownRows } from '../cli/known-rows.js';
import { diagnose } from '../doctor/diagnose.js';
import type { DoctorDocument } from '../document/doctor-document.js';

export default class Doctor extends PeerpidCommand {
  static override summary = 'Try which kernel interfaces work here, and show what cannot be known without the others.';

  static override description = `Every row is really tried, on sockets, child processes and namespaces of its own, or by BPF programs that are taken away at once; nothing is read from the version number. It changes nothing and leaves nothing behind. What does not work ends with the exact fix, where there is one.

A row works, does not (the kernel does not have it, or acts differently), may not (it is refused to this user or in this sandbox), or was not tried (with the reason).

Exit status: 0 verdicts are possible (with ID: all of these work), 1 could not be tried, 2 wrong usage, 4 they are not.`;

  static override examples = [
    { description: 'What can be trusted here?', command: '<%= config.bin %> doctor' },
    { description: 'One row only, for a script:', command: '<%= config.bin %> doctor so-peerpidfd' },
    { description: 'For a bug report:', command: '<%= config.bin %> doctor --markdown' },
    {
      description: 'What does not work here, with the fix:',
      command: `<%= config.bin %> doctor --json | jq '.rows[].fix | values'`,
    },
  ];

  static override args = {
    id: Args.string({
      // oclif would take it from standard input
      ignoreStdin: true,
      name: 'ID',
      description: 'Try only this row; several may be given.',
    }),
  };

  /** More ids than one may follow. */
  static override strict = false;

  static override flags = {
    markdown: Flags.boolean({
      description: 'For a bug report: a table in Markdown. No output of doctor has host names.',
      exclusive: ['json'],
    }),
  };

  async run(): Promise<DoctorDocument> {
    const { argv, flags } = await this.parse(Doctor);
    const ids = argv as string[];
    requireKnownRows(ids);
    const document = await diagnose(
      this.config.version,
      ids,
      { objects: join(this.config.root, 'native-probe/bpf') },
      this.witness(flags.explain),
    );
    await this.print(async (style) => {
      if (flags.markdown) return (await import('../output/doctor/doctor-markdown.js')).doctorMarkdown(document);
      return (await import('../output/doctor/doctor-text.js')).doctorText(document, style);
    });
    process.exitCode = doctorExitStatus(document);
    return document;
  }
}
