import type { ScanDocument } from '../../document/scan-document.js';
import { counted } from '../../words/counted.js';
import { sanitise } from '../../words/sanitise.js';
import { evidenceLine } from '../evidence-line.js';
import type { Style } from '../style.js';

/** What led to what a scan tells: a heading for each socket that was asked, and its steps. */
export function scanEvidence({ sockets, networkNamespaces, source }: ScanDocument, style: Style): string {
  const listed = networkNamespaces.filter((namespace) => namespace.listed);
  const parts = listed.map(({ inode }) => {
    const number = sockets.filter(({ networkNamespace }) => networkNamespace === inode).length;
    return evidenceLine(
      {
        call: `NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, AF_UNIX, dump in net:[${inode}]`,
        answer: counted(number, 'socket'),
        concluded:
          source.by === 'bpf'
            ? 'a BPF program shows who has them open, and the process of record of each'
            : 'the links in /proc/PID/fd show who has them open',
      },
      style,
    );
  });
  if (source.notBpf !== undefined) {
    const [call, answer] = ['a BPF program, iter/task_file', source.notBpf];
    parts.unshift(evidenceLine({ call, answer, concluded: '/proc is walked instead' }, style));
  }
  for (const { inode, type, state, address, evidence = [] } of sockets) {
    if (evidence.length === 0) continue;
    const heading = `socket ${inode}, ${type}, ${state}${address === undefined ? '' : `, ${sanitise(address)}`}:`;
    parts.push(`\n${style.chalk.bold(heading)}\n`, ...evidence.map((step) => evidenceLine(step, style)));
  }
  return `${parts.join('')}\n`;
}
