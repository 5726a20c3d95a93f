/** Looks at the paths of one socket's file, which others may change from one look to the next. */
import { isUnanswered, type Reading, type Refusal, reading, valueOf } from '../../words/reading.js';
import { lookUp, type Seen } from './path-view.js';

type Where = Parameters<typeof lookUp>;

/** Remembers what was where, so that what follows from several looks can be held to all of them together. */
export class Looks {
  /** A look that was not answered: its path may lead to the file, whatever the others do. */
  unanswered: Reading<never> | undefined;
  readonly #looks: { readonly where: Where; readonly seen: Reading<Seen> }[] = [];

  at(...where: Where): Reading<Seen> {
    const seen = reading(() => lookUp(...where));
    if (isUnanswered(seen)) this.unanswered ??= seen;
    this.#looks.push({ where, seen });
    return seen;
  }

  /** Whether each path, looked at once more, still leads to what it led to each time. */
  get areAsBefore(): boolean {
    return this.#looks.every(
      ({ where, seen }) =>
        isUnanswered(seen) ||
        isSame(
          seen,
          reading(() => lookUp(...where)),
        ),
    );
  }
}

function isSame(one: Reading<Seen>, other: Reading<Seen>): boolean {
  const [was, is] = [valueOf(one)?.file, valueOf(other)?.file];
  return was?.device === is?.device && was?.inode === is?.inode;
}

/** How often all is looked at anew where a path was changed meanwhile. */
const mostTimes = 3;

/**
 * Concludes from looks between which nothing changed.
 *
 * @param conclude - looks by means of what it is given
 * @param isSeenAtOnce - whether a conclusion follows from one look alone
 * @param cannotBe - whether it can only be that of two moments, which a path that changes to and fro may hide
 */
export function fromLooksThatAgree<T>(
  conclude: (looks: Looks) => Reading<T>,
  isSeenAtOnce: (found: Reading<T>) => boolean,
  cannotBe: (found: Reading<T>) => boolean,
): Reading<T> {
  for (let time = 0; time < mostTimes; time++) {
    const looks = new Looks();
    const found = conclude(looks);
    if (isSeenAtOnce(found) || isUnanswered(found)) return found;
    if (looks.areAsBefore && !cannotBe(found)) return found;
  }
  return { error: changed };
}

const changed: Refusal = { syscall: 'the path led elsewhere from one look to the next', code: 'ESTALE' };

/** Whether nothing can be said since a path was changed while it was looked at. */
export function isChanging(fact: Reading<unknown> | undefined): boolean {
  return fact !== undefined && 'error' in fact && fact.error === changed;
}
