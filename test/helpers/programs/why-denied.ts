/** Prints what the hint says of each path, which come as a JSON array on standard input, as whoever runs it. */
import { readFileSync } from 'node:fs';

import { whyDenied } from '../../../src/cli/advice/permission.js';

const paths = JSON.parse(readFileSync(0, 'utf8')) as string[];
process.stdout.write(JSON.stringify(paths.map((path) => whyDenied(Buffer.from(path)))));
