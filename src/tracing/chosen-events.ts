import type { TraceConnectEvent, TraceMessageEvent } from '../document/trace-event.js';
import type { SocketPattern } from '../socket/socket-pattern.js';
import { type Choice, isChosen, parseChoice } from '../connections/choice.js';
import { parsePid, patterns } from '../connections/criteria.js';

type Told = Pick<
  TraceConnectEvent | TraceMessageEvent,
  'result' | 'client' | 'address' | 'directory' | 'inode' | 'serverInode'
>;
type Criterion = (event: Told) => boolean;

/** What was typed after the options that choose. */
export interface TypedChoice {
  readonly sockets: readonly SocketPattern[];
  readonly pid?: readonly string[] | undefined;
  readonly user?: readonly string[] | undefined;
  readonly comm?: readonly string[] | undefined;
  readonly unit?: readonly string[] | undefined;
  readonly failed: boolean;
}

/**
 * Which calls are told: those that meet what was typed after every option, and of several words after one of them any.
 *
 * @throws Problem for what means nothing
 */
export function chosenEvents(typed: TypedChoice): Criterion {
  const criteria: Criterion[] = [];
  if (typed.failed) criteria.push(({ result }) => result !== 'connected' && result !== 'sent');
  if (typed.sockets.length > 0) criteria.push((event) => typed.sockets.some((matches) => matches(event)));
  const eachOf = <T>(
    words: readonly string[] = [],
    parse: (word: string) => Choice<T>,
    has: (event: Told, value: T) => boolean,
  ): void => {
    for (const word of words) {
      const choice = parse(word);
      criteria.push((event) => isChosen(choice, (value) => has(event, value)));
    }
  };
  eachOf(
    typed.pid,
    (word) => parseChoice('--pid', word, parsePid),
    ({ client }, pid) => client.pid === pid,
  );
  eachOf(
    typed.user,
    (word) => parseChoice('--user', word, (one) => one),
    ({ client: { user } }, wanted) => String(user.id) === wanted || user.name === wanted,
  );
  eachOf(
    typed.comm,
    (word) => patterns('--comm', word),
    ({ client: { comm = '' } }, matches) => matches(comm),
  );
  eachOf(
    typed.unit,
    (word) => patterns('--unit', word),
    ({ client: { unit, userUnit } }, matches) => [unit, userUnit].some((name) => name != null && matches(name)),
  );
  return (event) => criteria.every((meets) => meets(event));
}
