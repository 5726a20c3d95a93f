import type { MethodDocument, MethodId, RaceDocument } from '../../document/race-document.js';
import { foldedBeside } from '../folded-beside.js';
import { type Style, verdictWord } from '../style.js';
import { raceStory } from './race-story.js';
import { methodNames, raceTable } from './race-table.js';

/** A race: what happened, which methods were deceived, and what follows from it. */
export function raceText(document: RaceDocument, style: Style): string {
  const { rounds } = document;
  const opening =
    rounds === 1
      ? ['A service trusts its client by PID. Both live in namespaces of their own.', '', ...raceStory(document, style)]
      : [`In namespaces of their own, an impostor took a client's PID ${rounds} times.`];
  const notes = notesOf(document).map((note) => foldedBeside(note, 0, style));
  return `${[...opening, '', ...raceTable(document, style), '', ...notes, '', conclusion(document, style)].join('\n')}\n`;
}

function notesOf(document: RaceDocument): string[] {
  return [
    'In time: while the client was alive. Too late: when the impostor had its PID. The service cannot know which of the two it was.',
    startTimeNote(methodOf(document, 'start-time')),
    ...uselessNotes(document),
  ];
}

/** Of methods that are fooled no more than they are of use. */
function uselessNotes({ methods, rounds }: RaceDocument): string[] {
  return methods
    .filter(({ inTime, recognised }) => inTime.tried > 0 && recognised < inTime.tried)
    .map(({ id, recognised, inTime }) => {
      const often = rounds === 1 ? '' : ` in ${inTime.tried - recognised} of ${inTime.tried} rounds`;
      return `By ${methodNames[id]} the client was not recognised even while it was alive${often}.`;
    });
}

function methodOf({ methods }: RaceDocument, wanted: MethodId): MethodDocument | undefined {
  return methods.find(({ id }) => id === wanted);
}

/** When the start time helps, which older software goes by. */
function startTimeNote(method: MethodDocument | undefined): string {
  if (method === undefined || method.inTime.tried === 0) {
    return 'There are no start times to compare: there is no /proc of the PID namespace.';
  }
  const { fooled, tried } = method.inTime;
  if (fooled === 0) {
    return 'The start time distinguishes them if it was noted in time, and if they did not start within the same 1/100 s.';
  }
  const often = tried === 1 ? 'They' : `In ${fooled} of ${tried} rounds they`;
  return `${often} started within the same 1/100 s, which the start time does not distinguish: rare where the PIDs must wrap around first, not where somebody chooses them, as here.`;
}

function conclusion(document: RaceDocument, style: Style): string {
  const { exchange, rounds } = document;
  const { verdict, text } = exchange.inspection;
  const often = rounds === 1 ? '' : `${verdictsText(document)}. In the last, `;
  return `${verdictWord(verdict, style)}  ${foldedBeside(`${often}${text}${doubt(document)}`, verdict.length + 2, style)}`;
}

/** How often the verdict of the last round was given, and each other. */
function verdictsText({ verdicts, rounds, exchange }: RaceDocument): string {
  const last = exchange.inspection.verdict;
  const others = Object.entries(verdicts).filter(([verdict]) => verdict !== last);
  const rest = others.map(([verdict, count]) => `, ${verdict} in ${count}`).join('');
  return `In ${verdicts[last] ?? 0} of ${rounds} rounds${rest}`;
}

/** What else is to be said where the pidfd did not show it. */
function doubt(document: RaceDocument): string {
  const given = methodOf(document, 'peer-pidfd');
  if (document.shown) return '';
  if (given?.inTime.tried === 0) {
    return ' There is no SO_PEERPIDFD here (it came with Linux 6.5), which alone is right whenever it is asked.';
  }
  return ' A pidfd was taken for the impostor, or was not always given. That must not happen: please report it.';
}
