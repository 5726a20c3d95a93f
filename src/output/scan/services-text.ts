import {
  type Clients,
  clientsOf,
  countUnnamed,
  serversOf,
  type Service,
  servicesOf,
  type Unnamed,
} from '../../connections/by-service.js';
import type { Selection } from '../../connections/selection.js';
import type { HolderDocument } from '../../document/socket-document.js';
import { alignColumns, type Cells, cellsOf, type Column, fittingColumns, gap, mostOf, widthsIn } from '../columns.js';
import { fold, noBreak } from '../fold.js';
import { foldedBeside } from '../folded-beside.js';
import { safe } from '../safe.js';
import type { Style } from '../style.js';
import { holdersInBrief } from '../who.js';
import { clientsText } from './clients-text.js';
import { type ColumnContext, nothing, placeText, userText } from './holder-cells.js';
import { namespaceText, shownNamespaces } from './scan-columns.js';
import type { TableOptions } from './scan-text.js';
import { unwellLines } from './unwell-lines.js';

/**
 * A scan as a machine: a line for each service with who serves it and how many clients it has of whom, and below it what
 * is not well. Services of which something is not well come first; what has no name is counted.
 */
export function servicesText(selection: Selection, style: Style, options: TableOptions = {}): string {
  const context = { namespaces: shownNamespaces(selection), facts: selection.facts };
  const { named, unnamed } = servicesOf(selection.connections);
  const described = named.map((service) => ({ service, below: unwellLines(service.connections, context, style) }));
  const bad = described.filter(({ below }) => below.length > 0);
  const ordered = [...bad, ...described.filter(({ below }) => below.length === 0)];
  const services = ordered.map(({ service }) => ({
    ...service,
    servers: serversOf(service),
    clients: clientsOf(service.connections, selection.facts),
  }));
  const { head, lines, note } = table(services, context, style, options);
  const blocks = ordered.map(({ below }, index) => [lines[index] ?? '', ...below]);
  if (unnamed.length > 0) {
    const below = unwellLines(unnamed, context, style);
    const block = [foldedBeside(unnamedText(countUnnamed(unnamed)), 2, style), ...below];
    blocks.splice(below.length > 0 ? bad.length : blocks.length, 0, block);
  }
  return [...head, ...blocks.flat(), ...note].map((line) => `${line}\n`).join('');
}

function unnamedText({ pairs, closed, notSeen, notConnected }: Unnamed): string {
  const parts = [
    [pairs, pairs === 1 ? 'pair' : 'pairs'],
    [closed, 'closed at the other end'],
    [notSeen, 'whose other end was not seen'],
    [notConnected, 'not connected'],
  ] as const;
  const told = parts.flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`]));
  return `without a name: ${told.join(', ')}`;
}

/** A service, who serves, and whom: found out once for all cells. */
interface Served extends Service {
  readonly servers: readonly HolderDocument[];
  readonly clients: Clients;
}

/** A column, and its text for a service. */
interface ServiceColumn extends Column {
  readonly cell: (service: Served, context: ColumnContext) => string;
}

const [address, user, server, unit] = [
  { heading: 'ADDRESS', least: 16, keepsEnd: true, cell: ({ address: name }) => safe(name) },
  {
    heading: 'USER',
    least: 6,
    cell: ({ servers: [first] }, context) => (first && userText(first, context)) ?? nothing,
  },
  {
    heading: 'SERVICE',
    least: 12,
    cell: ({ socket, servers }) => (socket === undefined ? '(closed)' : holdersInBrief(servers)),
  },
  {
    heading: 'UNIT',
    least: 12,
    droppable: 'late',
    cell: ({ servers: [first] }, context) => (first && placeText(first, context)) ?? nothing,
  },
] as const satisfies ServiceColumn[];

const namespace: ServiceColumn = {
  heading: 'NETNS',
  least: 6,
  cell: ({ socket }, context) => namespaceText(socket, context),
};

const clients: ServiceColumn = {
  heading: 'CLIENTS',
  least: 20,
  cell: (service, { facts }) => clientsText(service, service.clients, facts),
};

interface Table {
  readonly head: readonly string[];
  /** One for each service. */
  readonly lines: readonly string[];
  readonly note: readonly string[];
}

function table(
  services: readonly Served[],
  context: ColumnContext,
  style: Style,
  { header = true, truncate = true }: TableOptions,
): Table {
  if (services.length === 0) return { head: [], lines: [], note: [] };
  const most = mostOf(truncate, style);
  const heading = (column: Column): string[] => (header ? [column.heading] : []);
  const cells = (column: ServiceColumn): Cells =>
    cellsOf(column, [...heading(column), ...services.map((service) => column.cell(service, context))], most);
  const units = cells(unit);
  const hasUnits = units.texts.slice(heading(unit).length).some((text) => text !== nothing);
  const hasClients = services.some((service) => service.clients.number > 0);
  const width = truncate ? style.width : undefined;
  const available = [
    ...(context.namespaces.size === 0 ? [] : [cells(namespace)]),
    cells(address),
    cells(user),
    cells(server),
    ...(hasUnits ? [units] : []),
    ...(hasClients ? [cells(clients)] : []),
  ];
  const { columns, dropped } = fittingColumns(available, width);
  const widths = widthsIn(columns, width);
  const last = hasClients ? columns.at(-1) : undefined;
  // Who the clients are is folded rather than cut
  const room = width === undefined ? undefined : widths.at(-1);
  const folded = (last?.texts ?? []).map((text) => fold(text, room, 2).replaceAll(noBreak, ' ').split('\n'));
  const firsts = last && { ...last, texts: folded.map(([first = '']) => first), width: widths.at(-1) ?? 0 };
  const drawn = alignColumns(firsts ? [...columns.slice(0, -1), firsts] : columns, width, (cell, line) =>
    header && line === 0 ? style.chalk.dim(cell) : cell,
  );
  const before = ' '.repeat(widths.slice(0, -1).reduce((sum, one) => sum + one + gap.length, 0));
  const all = drawn.map((line, index) => [line, ...(folded[index] ?? []).slice(1)].join(`\n${before}`));
  const head = heading(clients).length;
  const note =
    dropped.length === 0 ? [] : ['', style.chalk.dim(`No room for ${dropped.map((one) => one.heading).join(', ')}.`)];
  return { head: all.slice(0, head), lines: all.slice(head), note };
}
