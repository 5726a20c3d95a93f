import type { ConnectionTracer } from '../../native-probe/bpf/connection-tracer.js';
import type { RecordedProcess, TraceRecord } from '../../native-probe/bpf/trace-record.js';
import { errnoName } from '../../native-probe/syscall-error.js';
import { type Names, SystemNames } from '../document/names.js';
import type { TraceConnectEvent, TraceEvent, TraceMessageEvent } from '../document/trace-event.js';
import { Missing, present } from '../document/unavailable.js';
import { exitStatusOf } from '../identity/wait-status.js';
import { type Reading, valueOf } from '../words/reading.js';
import type { chosenEvents } from './chosen-events.js';
import { CountsOfServices } from './counts-of-services.js';
import type { TraceCounts } from '../output/trace/trace-metrics.js';
import { clientNow } from './client-now.js';
import { describeCall, describeCaller, describeServer } from './describe-record.js';
import { OpenConnections } from './open-connections.js';
import type { ServiceHolders } from './service-holders.js';
import { Tally } from './trace-tally.js';
import { TracingTime } from './tracing-time.js';
import { milliseconds } from '../../native-probe/monotonic-clock.js';

/** The time of an event belongs to it from the beginning. */
type Tell = (event: TraceEvent) => void;

/** As often as the buffer may be full of calls, at least. */
const mostTimes = 64;

/** Makes events of what the kernel tells, and counts them. */
export class Tracing {
  readonly tally = new Tally();
  readonly #counts = new CountsOfServices();
  readonly #time = new TracingTime();
  readonly #open = new OpenConnections();
  readonly #names: Names = new SystemNames();
  readonly #start = milliseconds();
  #connections = 0;

  /**
   * @param isChosen - whether a call is told; nothing else of its connection is told either
   * @param tell - called with each event
   * @param most - connections and messages after which it tells of no more
   * @param services - who has their sockets open
   */
  constructor(
    private readonly tracer: Pick<ConnectionTracer, 'take' | 'lost'>,
    private readonly isChosen: ReturnType<typeof chosenEvents>,
    private readonly tell: Tell,
    private readonly most: number,
    private readonly services: Reading<Pick<ServiceHolders, 'of'>>,
  ) {}

  /** Whether as many were told as were wanted. */
  get hasEnough(): boolean {
    return this.tally.connections + this.tally.messages >= this.most;
  }

  /** What was counted until now. */
  get counts(): TraceCounts {
    return this.#counts.now(this.tally.lost);
  }

  /** Tells that everything is seen from now on. */
  start(): void {
    const missing = new Missing();
    if ('error' in this.services) missing.add('holders', this.services.error);
    this.tell({ event: 'start', time: new Date().toISOString(), unavailable: missing.rows });
  }

  /** Tells some of what there is by now. */
  take(): void {
    this.#time.adjust();
    this.#records();
  }

  /** @returns how many calls it took */
  #records(): number {
    const records = this.tracer.take();
    for (const record of records) this.#record(record);
    this.#tellLost();
    return records.length;
  }

  /** Tells what came until now, and of everything together, at the end. */
  finish(): void {
    // Whoever goes on and on is not to keep it from its end
    for (let times = 0; times < mostTimes && this.#records() > 0;) times++;
    this.tell(this.tally.summary(new Date().toISOString(), milliseconds() - this.#start));
  }

  #tellLost(): void {
    const lost = this.tracer.lost();
    const more = lost - this.tally.lost;
    if (more === 0) return;
    this.tally.lost = lost;
    this.tell({ event: 'lost', time: new Date().toISOString(), events: more });
  }

  #record(record: TraceRecord): void {
    if (this.hasEnough) return;
    switch (record.kind) {
      case 'connect':
        this.#connect(record);
        break;
      case 'accept':
        this.#accept(record);
        break;
      case 'end':
        this.#end(record);
        break;
      case 'message':
        this.#message(record);
    }
  }

  #connect(record: TraceRecord): void {
    const { result, took, otherInode } = record;
    const isConnected = result === 0;
    const server = describeServer(record, this.#names);
    const call: Told<TraceConnectEvent> = {
      event: 'connect',
      time: this.#time.iso(record.time),
      connection: this.#connections + 1,
      result: isConnected ? 'connected' : errnoName(callResult(result)),
      ...(took !== undefined && { nanoseconds: Number(took) }),
      ...describeCall(record),
      client: describeCaller(record, this.#names),
      ...(server !== undefined && { server }),
      ...present({ serverInode: otherInode }),
    };
    if (!this.isChosen(call)) return;
    this.#connections++;
    const event: TraceConnectEvent = {
      ...call,
      ...this.#holders(otherInode),
      ...(isConnected && { now: clientNow(record.client, 'connect(2)') }),
    };
    if (isConnected) {
      const seen = { connection: event.connection, time: record.time };
      this.#open.connected(record.serverEnd, keyOf(record.client), seen);
    }
    this.tally.add(event);
    this.#counts.add(event);
    this.tell(event);
  }

  #accept(record: TraceRecord): void {
    const seen = this.#open.accepted(record.serverEnd);
    // Of a connection that was not chosen, or made before the beginning
    if (seen === undefined) return;
    const client = describeServer(record, this.#names);
    this.tell({
      event: 'accept',
      time: this.#time.iso(record.time),
      connection: seen.connection,
      waitedNanoseconds: Number(record.time - seen.time),
      ...describeCall(record),
      service: describeCaller(record, this.#names),
      ...(client !== undefined && { client }),
    });
  }

  #end(record: TraceRecord): void {
    const connections = this.#open.ended(keyOf(record.client));
    if (connections.length === 0) return;
    this.tell({
      event: 'end',
      time: this.#time.iso(record.time),
      connections,
      client: describeCaller(record, this.#names),
      exitStatus: exitStatusOf(record.waitStatus),
    });
  }

  #message(record: TraceRecord): void {
    const { result, stated, otherInode } = record;
    const isSent = result >= 0;
    const server = describeServer(record, this.#names);
    const call: Told<TraceMessageEvent> = {
      event: 'message',
      time: this.#time.iso(record.time),
      result: isSent ? 'sent' : errnoName(callResult(result)),
      ...(isSent && { returned: result }),
      ...describeCall(record),
      client: describeCaller(record, this.#names),
      ...(server !== undefined && { server }),
      ...present({ serverInode: otherInode, stated }),
    };
    if (!this.isChosen(call)) return;
    const event: TraceMessageEvent = {
      ...call,
      ...this.#holders(otherInode),
      ...(isSent && { now: clientNow(record.client, 'sendmsg(2)') }),
    };
    this.tally.add(event);
    this.#counts.add(event);
    this.tell(event);
  }

  /** Of the socket to which a call led. */
  #holders(inode: number | undefined): Pick<TraceConnectEvent, 'holders' | 'moreHolders'> {
    const found = inode === undefined ? undefined : valueOf(this.services)?.of(inode);
    if (found === undefined) return {};
    const { holders, more } = found;
    return more === 0 ? { holders } : { holders, moreHolders: more };
  }
}

/** A call before it is known whether it is shown at all: what takes calls of ours comes after. */
type Told<Event> = Omit<Event, 'now' | 'holders' | 'moreHolders'>;

/** What tells a process from others: the pidfd id, or its number and when it started. */
function keyOf({ pidfdId, pid, started = 0n }: RecordedProcess): bigint {
  return pidfdId ?? (started << 32n) | BigInt(pid);
}

/** ERESTARTSYS and its like, which a signal handler sees as EINTR. include/linux/errno.h */
const restarting = { first: 512, last: 516, EINTR: 4 } as const;

/** @returns the errno, positive */
function callResult(result: number): number {
  const errno = -result;
  return errno >= restarting.first && errno <= restarting.last ? restarting.EINTR : errno;
}
