import { type Connection, verdictOf } from '../../connections/connections.js';
import type { ScanDocument } from '../../document/scan-document.js';
import { verdictsByGravity } from '../../verdict/gravity.js';
import { metricText, type Sample } from '../metric-text.js';

/** What is told of the scan itself. */
export interface ScanRun {
  readonly version: string;
  /** The name of the machine. */
  readonly host: string;
  /** When it ended: seconds since 1970. */
  readonly endedAt: number;
  /** Seconds. */
  readonly duration: number;
}

interface Metric {
  /** Without the prefix. */
  readonly name: string;
  /** Without a full stop, as is usual. */
  readonly help: string;
  readonly samples: (document: ScanDocument, connections: readonly Connection[], run: ScanRun) => readonly Sample[];
}

/** Every metric; each is a gauge. peerpid-scan(1) tells of each. */
export const scanMetricList: readonly Metric[] = [
  {
    name: 'connections',
    help: 'Connections by verdict on the PIDs, the worse one of both ends',
    samples: (_, connections) => connectionsByVerdict(connections),
  },
  {
    name: 'credentials',
    help: 'Sockets by verdict on the PID that their holder sees',
    samples: ({ summary }) => verdictsByGravity.map((verdict) => [summary.verdicts[verdict] ?? 0, { verdict }]),
  },
  {
    name: 'deceived',
    help: 'Sockets whose holder may be deceived by the PID that it sees, as for exit status 3',
    samples: ({ summary }) => verdictsByGravity.map((verdict) => [summary.deceived[verdict] ?? 0, { verdict }]),
  },
  {
    name: 'sockets',
    help: 'AF_UNIX sockets, or those of them that were chosen',
    samples: ({ summary }) => [[summary.sockets]],
  },
  { name: 'listeners', help: 'Sockets that listen', samples: ({ summary }) => [[summary.listening]] },
  {
    name: 'datagram_receivers',
    help: 'Datagram sockets that are bound to a name',
    samples: ({ summary }) => [[summary.receivers]],
  },
  {
    name: 'findings',
    help: 'Sockets by finding, without the findings that no socket has',
    samples: ({ sockets }) => socketsByFinding(sockets),
  },
  {
    name: 'not_seen_processes',
    help: 'Processes whose descriptors may not be read',
    samples: ({ notSeen }) => [[notSeen.processes.length]],
  },
  {
    name: 'sockets_without_holder',
    help: 'Sockets that no process was seen to hold',
    samples: ({ notSeen }) => [[notSeen.withoutHolder]],
  },
  {
    name: 'sockets_not_asked',
    help: 'Sockets whose holder was seen and whose credential could not be asked for',
    samples: ({ notSeen }) => [[notSeen.notAsked]],
  },
  {
    name: 'network_namespaces_not_looked_into',
    help: 'Other network namespaces that were not looked into',
    samples: ({ notSeen }) => [[notSeen.networkNamespaces]],
  },
  {
    name: 'scan_complete',
    help: 'Whether nothing kept the scan from seeing all that was wanted (1), or something did (0)',
    samples: ({ notSeen }) => [[notSeen.reasons.length === 0 ? 1 : 0]],
  },
  {
    name: 'scan_timestamp_seconds',
    help: 'When the scan ended, in seconds since 1970',
    samples: (_document, _connections, { endedAt }) => [[endedAt]],
  },
  {
    name: 'scan_duration_seconds',
    help: 'How long the scan took',
    samples: (_document, _connections, { duration }) => [[Number(duration.toFixed(3))]],
  },
  {
    name: 'build_info',
    help: 'The version of peerpid, as a label of 1',
    samples: (_document, _connections, { version }) => [[1, { version }]],
  },
];

/** A scan as metrics of Prometheus, in the text format that the textfile collector of node_exporter reads. */
export function scanMetrics(document: ScanDocument, connections: readonly Connection[], run: ScanRun): string {
  return scanMetricList
    .map(({ name, help, samples }) => metricText(name, 'gauge', help, samples(document, connections, run)))
    .join('');
}

function connectionsByVerdict(connections: readonly Connection[]): Sample[] {
  const counts = new Map<string, number>([...verdictsByGravity, notAsked].map((verdict) => [verdict, 0]));
  for (const connection of connections) {
    if (!connects.has(connection.kind)) continue;
    const verdict = verdictOf(connection) ?? notAsked;
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  return [...counts].map(([verdict, count]) => [count, { verdict }]);
}

const notAsked = 'not_asked';
const connects: ReadonlySet<Connection['kind']> = new Set(['connection', 'waiting', 'sender']);

/** A finding may be of several severities. */
function socketsByFinding(sockets: ScanDocument['sockets']): Sample[] {
  const counts = new Map<string, number>();
  for (const { findings } of sockets) {
    for (const series of new Set(findings.map(({ id, severity }) => `${id} ${severity}`))) {
      counts.set(series, (counts.get(series) ?? 0) + 1);
    }
  }
  return [...counts].sort().map(([series, count]) => {
    const [finding = '', severity = ''] = series.split(' ');
    return [count, { finding, severity }];
  });
}
