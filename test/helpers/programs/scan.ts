/** Scans in this one thread, and prints the document; its argument is the options as JSON. */
import { SystemNames } from '../../../src/document/names.js';
import { scan, type ScanOptions } from '../../../src/scanning/scan.js';

const plain: ScanOptions = {
  audit: true,
  details: false,
  explain: false,
  ownNamespace: true,
  processes: 'holders',
};
const given = JSON.parse(process.argv[2] ?? '{}') as Partial<ScanOptions>;
process.stdout.write(JSON.stringify(scan({ ...plain, ...given }, new SystemNames())));
