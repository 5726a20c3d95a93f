import type { InferredFlags } from '@oclif/core/interfaces';

import { isConnected, isListening } from '../connections/connection-kinds.js';
import { containsWord, criteria, type Criterion, type FindNamed } from '../connections/criteria.js';
import { countsOf } from '../connections/counts.js';
import { selectFrom, type Selection, type Wanted } from '../connections/selection.js';
import { withMissing } from '../document/missing-names.js';
import { type Names, noNames, SystemNames } from '../document/names.js';
import { formatOf, refuseColumns, type ScanFormat } from '../output/scan/scan-output.js';
import type { TableOptions } from '../output/scan/scan-text.js';
import { scan, scanNarrowed, type ScanOptions } from '../scanning/scan.js';
import { parseTarget } from '../socket/address.js';
import { findNamed } from '../socket/named-socket.js';
import { splitAddresses } from '../socket/pasted-address.js';
import { Witness } from '../words/evidence.js';
import { notHeldUp } from './held-up.js';
import { requireKnownUsers } from './known-users.js';
import { criterionNames, refuseTogether, type scanFlags } from './scan-flags.js';
import { addressesFor } from './socket-unit.js';

type ScanFlags = InferredFlags<typeof scanFlags>;

/** What `peerpid scan` was asked for. */
export interface ScanRequest {
  readonly format: ScanFormat;
  readonly table: TableOptions;
  /** What names sockets and processes, as it was typed. */
  readonly naming: string;
  /** Scans, and chooses what is wanted. The names are what users and groups are called. */
  readonly look: (progress?: ScanOptions['progress']) => { readonly selection: Selection; readonly names: Names };
}

/**
 * What the flags and words of `peerpid scan` ask for.
 *
 * @param objects - the directory of the BPF objects
 * @throws Problem where they exclude each other, or name what there is not
 */
export async function scanRequest(
  flags: ScanFlags & { readonly explain: boolean },
  words: readonly string[],
  json: boolean,
  objects: string,
): Promise<ScanRequest> {
  refuseTogether(flags);
  const format = formatOf({ ...flags, csv: flags.csv !== undefined, json, summary: flags.summary === 'only' });
  flags.user?.forEach(requireKnownUsers);
  const wanted = wantedOf(flags, words, parseOnly);
  const units = await addressesOfUnits(flags.socket ?? [], json);
  const find: FindNamed = (typed) => (units.get(typed) ?? [typed]).map(findNamed);
  const table = await tableOptions(flags);
  if (flags.watch === undefined) refuseColumns(format, flags);
  const chooses =
    wanted.named.length + wanted.others.length > 0 ||
    table.columns !== undefined ||
    table.sort !== undefined ||
    flags.by !== undefined;
  const options = {
    audit: flags.audit,
    details: format === 'json',
    explain: flags.explain,
    processes: processesFor(format, flags, chooses),
    ownNamespace: flags['own-namespace'],
    source: { wanted: flags.source, objects },
  };
  const goesByHolder = words.length > 0 || flags.pid !== undefined || flags.user !== undefined;
  const shown = showsNames(format, flags.watch);
  return {
    format,
    table,
    naming: [...namingFlags.flatMap((name) => (flags[name] ?? []).map((typed) => `--${name} ${typed}`)), ...words].join(
      ' ',
    ),
    look: (progress) => {
      const names = new SystemNames();
      // A path may lead to another socket by each look
      const wanted = wantedOf(flags, words, find);
      const userName = (uid: number): string | undefined => names.user(uid);
      const narrowing = { wants: allOf(wanted.named), byHolder: goesByHolder, userName };
      const scanning = { ...options, progress };
      const told = shown ? names : noNames;
      const { document: scanned, asked } = notHeldUp(() =>
        wanted.named.length > 0
          ? scanNarrowed(narrowing, scanning, told)
          : { document: scan(scanning, told), asked: undefined },
      );
      const selection = selectFrom(scanned, wanted, userName, asked);
      const counts = flags.by === undefined ? undefined : { by: flags.by, rows: countsOf(selection, flags.by) };
      const document = { ...selection.document, ...(counts && { counts }) };
      return { selection: { ...selection, document: withMissing(document, names) }, names };
    },
  };
}

function allOf(criteria: readonly Criterion[]): Criterion {
  return (connection, facts) => criteria.every((meets) => meets(connection, facts));
}

/** Refuses what means nothing before anything is looked at. */
const parseOnly: FindNamed = (typed) => {
  parseTarget(typed);
  return [];
};

/** Where the socket units listen that were named; whatever else was named is what it is. */
async function addressesOfUnits(
  lists: readonly string[],
  json: boolean,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const units = new Map<string, readonly string[]>();
  for (const word of lists.flatMap((list) => splitAddresses(list.replace(/^!/, '')))) {
    units.set(word.trim(), await addressesFor(word.trim(), Witness.silent(), json));
  }
  return units;
}

/** The flags that name what there should be; words do so, too. */
const namingFlags = ['socket', 'pid', 'user'] as const satisfies (keyof typeof criteria)[];

function wantedOf(flags: ScanFlags, words: readonly string[], find: FindNamed): Wanted {
  const of = (names: readonly (keyof typeof criteria)[]): Criterion[] =>
    names.flatMap((name) => (flags[name] ?? []).map((typed) => criteria[name](typed, find)));
  const isNaming = (name: string): boolean => namingFlags.some((one) => one === name);
  return {
    named: [...of(namingFlags), ...words.map(containsWord)],
    others: [
      ...of(criterionNames.filter((name) => !isNaming(name))),
      ...(flags.listening ? [isListening] : []),
      ...(flags.connected ? [isConnected] : []),
    ],
  };
}

/** What draws tables is loaded only where one is drawn, or its columns are named. */
async function tableOptions({
  columns,
  extended,
  sort,
  'no-header': noHeader,
  truncate,
  each,
  csv,
}: ScanFlags): Promise<TableOptions> {
  const plain = { header: !noHeader, truncate, each, noFormulas: csv === 'safe' };
  if (columns === undefined && sort === undefined && !extended) return plain;
  const { parseColumns, parseSort } = await import('../output/scan/chosen-columns.js');
  const { allScanColumns } = await import('../output/scan/more-scan-columns.js');
  return {
    ...plain,
    columns: extended ? () => allScanColumns : columns === undefined ? undefined : parseColumns(columns),
    sort: sort === undefined ? undefined : parseSort(sort),
  };
}

/** Which processes are told of beside the rows, or looked up. @param chooses - whether rows, columns or their order are chosen */
function processesFor(format: ScanFormat, { audit, watch }: ScanFlags, chooses: boolean): ScanOptions['processes'] {
  if (format === 'json') return audit || chooses ? 'holders' : 'peers';
  return chooses || watch !== undefined || !['long', 'summary', 'prometheus'].includes(format) ? 'holders' : undefined;
}

/** Whether users or groups are shown by their names. */
function showsNames(format: ScanFormat, watch: number | undefined): boolean {
  return watch !== undefined || !['summary', 'prometheus', 'counts'].includes(format);
}
