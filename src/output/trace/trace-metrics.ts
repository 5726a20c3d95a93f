import { metricText, type Sample } from '../metric-text.js';

/** How often something came of calls to one service. */
export interface CountOfService {
  /** The address; empty for none. */
  readonly address: string;
  /** `connected`, `sent`, or the errno. */
  readonly result: string;
  readonly count: number;
}

/** What a trace counted until now. */
export interface TraceCounts {
  readonly connections: readonly CountOfService[];
  readonly messages: readonly CountOfService[];
  /** Calls that were not counted by address, as there were too many addresses. */
  readonly beyond: number;
  readonly lost: number;
  /** When they were counted: seconds since 1970. */
  readonly at: number;
}

/** They are counters, from the beginning of the trace. */
export function traceMetrics({ connections, messages, beyond, lost, at }: TraceCounts): string {
  return [
    metricText(
      'trace_connections_total',
      'counter',
      'Calls of connect(2) by address and result',
      samplesOf(connections),
    ),
    metricText('trace_messages_total', 'counter', 'Messages sent, by address and result', samplesOf(messages)),
    metricText('trace_other_calls_total', 'counter', 'Calls to addresses beyond the first 1000', [[beyond]]),
    metricText('trace_lost_total', 'counter', 'Calls that found no room in the buffer', [[lost]]),
    metricText('trace_timestamp_seconds', 'gauge', 'When this was written, in seconds since 1970', [[at]]),
  ].join('');
}

function samplesOf(counts: readonly CountOfService[]): Sample[] {
  return counts.map(({ address, result, count }) => [count, { address, result }]);
}
