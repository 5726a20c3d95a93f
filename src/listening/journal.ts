import { passOptionNames } from '../../native-probe/socket-kinds.js';
import { describeInspection } from '../document/describe-inspection.js';
import { describeMessage } from '../document/describe-message.js';
import { describeEnded } from '../document/describe-process.js';
import { describeOwnSocket } from '../document/describe-socket.js';
import type { ListenEvent } from '../document/listen-event.js';
import { type Names, noNames, SystemNames } from '../document/names.js';
import { ourselves } from '../identity/ourselves.js';
import type { listenText } from '../output/listen/listen-text.js';
import { styleOf } from '../output/style.js';
import { isBelieved, type Verdict } from '../verdict/verdict.js';
import { errorCodeOf, valueOf } from '../words/reading.js';
import { safeJson } from '../words/sanitise.js';
import { textOf } from '../words/text.js';
import type { Telling } from './event-loop.js';
import type { Listener } from './listener.js';
import type { ServerEvents } from './server.js';

/** How a journal is written. */
export interface JournalOptions {
  /** How an event reads for people; undefined for JSON. */
  readonly text: typeof listenText | undefined;
  readonly output: JournalOutput;
  /** Whether every row of a table has both columns. */
  readonly both: boolean;
}

/** What a journal is written to. */
export interface JournalOutput extends Pick<Telling, 'whenRoom'> {
  readonly isFull: boolean;
  /** @param text - of whole lines */
  write(text: string): void;
}

/** Characters that are written together while more is told: some clients, of which each takes a few thousand. */
const enough = 32 * 1024;

type Verdicts = Partial<Record<Verdict, number>>;

/** A terminal with fewer lines than this would scroll a table away. */
const shortestForTables = 30;

/** Writes down what a server tells, as text or as one JSON object a line, and counts. */
export class Journal implements Telling {
  readonly #verdicts: Verdicts = {};
  readonly #messageVerdicts: Verdicts = {};
  #pending = '';
  connections = 0;
  messages = 0;

  constructor(private readonly options: JournalOptions) {}

  /** Whether every credential that was shown may be believed. */
  get allBelieved(): boolean {
    const seen = { ...this.#verdicts, ...this.#messageVerdicts };
    return (Object.keys(seen) as Verdict[]).every(isBelieved);
  }

  /** What a server is to call, so that all of it is written down. @param finished - called when nothing more is to come */
  events(finished: () => void): ServerEvents {
    return {
      connected: (connection, inspection) => {
        const names = new SystemNames();
        const document = describeInspection(inspection, names);
        this.connections++;
        count(this.#verdicts, document.verdict);
        this.#write({ time: now(), event: 'connection', connection, ...document }, names);
      },
      exited: (connections, more, facts, last) => {
        const [connection = 0] = connections;
        const comm = valueOf(last?.proc?.stat)?.comm;
        const was = { ...(last?.pid && { pid: last.pid }), ...(comm && { comm: textOf(comm) }) };
        const numbers = { connection, connections, ...(more > 0 && { moreConnections: more }) };
        this.#write({ time: now(), event: 'exit', ...numbers, ...was, byPidfd: describeEnded(facts, ourselves()) });
      },
      message: (connection, inspection) => {
        const names = new SystemNames();
        const document = describeMessage(inspection, names);
        this.messages++;
        count(this.#messageVerdicts, document.verdict);
        this.#write(
          { time: now(), event: 'message', ...(connection !== undefined && { connection }), ...document },
          names,
        );
      },
      disconnected: (connection, bytes) => {
        this.#write({ time: now(), event: 'disconnect', connection, bytes });
      },
      short: (code) => {
        this.#write({ time: now(), event: 'warning', code, text: shortage(code) });
      },
      finished,
      hasRoom: () => (this.#pending.length < enough ? !this.options.output.isFull : this.flush()),
    };
  }

  /** Writes that the socket is open now, and which marks of senders the kernel refused. */
  listening({ facts, marks }: Listener): void {
    const refused = marks.flatMap(
      ({ mark, answer }) => errorCodeOf(answer)?.replace(/^/, `${passOptionNames[mark]}: `) ?? [],
    );
    const asks = marks.flatMap(({ mark, answer }) => ('value' in answer ? [mark] : []));
    this.#write({ time: now(), event: 'listening', socket: describeOwnSocket(facts, new SystemNames()), asks });
    if (refused.length > 0) this.#write({ time: now(), event: 'warning', code: 'UNASKED', text: unasked(refused) });
    this.flush();
  }

  /** Writes what keeps clients from the socket, or lets them miss it: for people on standard error, which `told` does. */
  hardToReach(texts: readonly string[], told: (text: string) => void): void {
    for (const text of texts) {
      if (this.options.text === undefined) this.#write({ time: now(), event: 'warning', code: 'HARD_TO_REACH', text });
      else told(text);
    }
    this.flush();
  }

  /** Writes the last line, which sums all up. @param open - connections that are open now */
  summary(open: number): void {
    this.#write({
      time: now(),
      event: 'summary',
      connections: this.connections,
      open,
      verdicts: this.#verdicts,
      messages: this.messages,
      messageVerdicts: this.#messageVerdicts,
    });
    this.flush();
  }

  /** Writes out what has gathered: once for what came together, rather than once an event. @returns whether there is room for more */
  flush(): boolean {
    if (this.#pending !== '') this.options.output.write(this.#pending);
    this.#pending = '';
    return !this.options.output.isFull;
  }

  whenRoom(callback: () => void): void {
    this.options.output.whenRoom(callback);
  }

  #write(event: ListenEvent, names: Names = noNames): void {
    const { text } = this.options;
    this.#pending += text === undefined ? `${safeJson(event, 0)}\n` : this.#read(text, event, names);
  }

  #read(text: typeof listenText, event: ListenEvent, names: Names): string {
    const style = styleOf(process.stdout);
    const compact = process.stdout.isTTY && process.stdout.rows < shortestForTables;
    const ourNamespaces = valueOf(ourselves().namespaces);
    return text(event, { names, ourNamespaces, compact, both: this.options.both }, style);
  }
}

let lastTime = { at: NaN, text: '' };

/** Several events come in one millisecond. */
function now(): string {
  const at = Date.now();
  if (at !== lastTime.at) lastTime = { at, text: new Date(at).toISOString() };
  return lastTime.text;
}

function unasked(refused: readonly string[]): string {
  return `Messages come without some of their sender's marks: the kernel refused ${refused.join(', ')}.`;
}

function count(verdicts: Verdicts, verdict: Verdict): void {
  verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
}

function shortage(code: string): string {
  const what = code === 'ENOBUFS' || code === 'ENOMEM' ? 'memory' : 'file descriptors';
  return `Out of ${what} (${code}): clients wait until some are free again.`;
}
