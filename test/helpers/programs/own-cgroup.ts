/** Makes a cgroup of its own, prints its directory, and keeps it until standard input ends, without ever awaiting. */
import { readSync, writeSync } from 'node:fs';

import { cgroup2Mount } from '../../../native-probe/cgroup.js';
import { OwnCgroup } from '../../../native-probe/own-cgroup.js';
import { neverLeft } from '../machine/never-left.js';

{
  using cgroup = OwnCgroup.make(cgroup2Mount() ?? '', neverLeft, 'peerpid-test-');
  writeSync(1, `${cgroup.directory}\n`);
  readSync(0, Buffer.alloc(1));
}
// Whoever goes on after a signal is found out
setTimeout(() => undefined, 60_000);
