import { bringTogether } from '../../connections/alike-connections.js';
import { isListening } from '../../connections/connection-kinds.js';
import { type Connection, deceivesSomebody, judgedEnds, verdictOf } from '../../connections/connections.js';
import { isDoubtful } from '../../connections/doubt.js';
import { sanitise } from '../../words/sanitise.js';
import { foldedBeside } from '../folded-beside.js';
import { paintVerdict, severityWord, type Style } from '../style.js';
import { type ColumnContext, nothing, usersOf } from './holder-cells.js';
import { clientText } from './scan-columns.js';
import { isUnwell, remarksOf } from './scan-remarks.js';

/** The most lines below a service. */
const mostLines = 8;

/** `contradicted`, the longest verdict, between gaps of two. */
const indent = 2 + 12 + 2;

/** What is not well of some connections: a line for those that are alike, with their number, the worst first. */
export function unwellLines(connections: readonly Connection[], context: ColumnContext, style: Style): string[] {
  const unwell = connections.filter(isUnwell);
  if (unwell.length === 0) return [];
  const alike = bringTogether(unwell, 'brief');
  const lines = alike.slice(0, mostLines).map(({ all }) => unwellLine(all[0], all.length, context, style));
  const more = alike.slice(mostLines).reduce((sum, { all }) => sum + all.length, 0);
  return more === 0 ? lines : [...lines, `  and ${more} more that are not well (--connections)`];
}

function unwellLine(connection: Connection, number: number, context: ColumnContext, style: Style): string {
  const user = usersOf(connection, 'client', context);
  const who = user === nothing ? clientText(connection) : `${user} ${clientText(connection)}`;
  const what = [remarksOf(connection).join(', '), ...sentences(connection)].join('\n');
  const text = `${who}${number === 1 ? '' : ` ×${number}`}  ${what}`;
  return `  ${mark(connection, style)}  ${foldedBeside(text, indent, style)}`;
}

/** The verdict, where it is what is not well; else how severe the worst finding is. */
function mark(connection: Connection, style: Style): string {
  const verdict = verdictOf(connection);
  const ends = judgedEnds(connection);
  if (verdict !== undefined && verdict !== 'pinned' && ends.some(isDoubtful)) {
    return paintVerdict(verdict.padEnd(indent - 4), verdict, style, !deceivesSomebody(connection));
  }
  const isDanger = ends.some(({ findings }) => findings.some(({ severity }) => severity === 'danger'));
  const severity = isDanger ? 'danger' : 'warning';
  return severityWord(severity, style) + ' '.repeat(indent - 4 - severity.length);
}

/** What is wrong with a listener or receiver itself, in words: there are few of these. */
function sentences(connection: Connection): string[] {
  if (!isListening(connection)) return [];
  const findings = judgedEnds(connection).flatMap((row) => row.findings);
  return findings.flatMap(({ severity, text }) => (severity === 'info' ? [] : [sanitise(text)]));
}
