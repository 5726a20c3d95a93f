import type { Row } from './row.js';
import { bpfRows } from './rows/bpf.js';
import { peerCredentialRows } from './rows/credentials.js';
import { lookingRows } from './rows/looking.js';
import { messageRows } from './rows/messages.js';
import { pidfdRows } from './rows/pidfds.js';
import { procRows } from './rows/proc.js';
import { systemRows } from './rows/system-rows.js';

/** All that is tried, in the order in which it is told. */
export const rows: readonly Row[] = [
  ...peerCredentialRows,
  ...pidfdRows,
  ...messageRows,
  ...lookingRows,
  ...procRows,
  ...systemRows,
  ...bpfRows,
];
