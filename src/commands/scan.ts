import { Flags } from '@oclif/core';

import { PeerpidCommand } from '../command.js';
import { systemNames } from '../names.js';
import { styleOf } from '../output/style.js';
import { exitStatuses } from '../problem.js';
import { scan } from '../scanning/scan.js';
import type { ScanDocument } from '../scanning/scan-document.js';
import { isDoubtful } from '../scanning/verdict-that-counts.js';

export default class Scan extends PeerpidCommand {
  static override summary =
    'Audit every local connection: whom each service has at the other end, and whether that is still true.';

  static override flags = {
    audit: Flags.boolean({ default: true, allowNo: true, description: 'Ask each socket.' }),
    long: Flags.boolean({ description: 'Long.' }),
  };

  async run(): Promise<ScanDocument> {
    const { flags } = await this.parse(Scan);
    const document = scan(
      { audit: flags.audit, details: flags.long || this.jsonEnabled(), explain: flags.explain },
      systemNames,
    );
    if (!this.jsonEnabled()) {
      const { scanText } = await import('../output/scan-text.js');
      process.stdout.write(scanText(document, styleOf(process.stdout, flags.color)));
    }
    process.exitCode = document.sockets.some(isDoubtful) ? exitStatuses.notBelieved : exitStatuses.believed;
    return document;
  }
}
