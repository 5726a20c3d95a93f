// What a shell may complete: the commands and options of oclif.manifest.json, and what may follow each.
import { readFile } from 'node:fs/promises';

import { passOptions, socketTypes } from '../../build/native-probe/socket-kinds.js';
import { rows } from '../../build/src/doctor/rows.js';
import { allScanColumns } from '../../build/src/output/scan/more-scan-columns.js';
import { findingIds } from '../../build/src/verdict/finding.js';
import { verdictsByGravity } from '../../build/src/verdict/gravity.js';

const columns = allScanColumns.map(({ name }) => name);

/**
 * What follows an option: one of `words`, several of them with commas where `isList`, or what the shell has a list of
 * (`kind`: sockets, files, users, pids, or none that is known).
 */
const valuesOf = {
  verdict: { words: [...verdictsByGravity, ...verdictsByGravity.map((verdict) => `!${verdict}`)], isList: true },
  finding: { words: findingIds, isList: true },
  asks: { words: passOptions, isList: true },
  type: { words: socketTypes, isList: true },
  columns: { words: columns, isList: true },
  sort: { words: columns, isList: true },
  socket: { kind: 'sockets' },
  address: { kind: 'sockets' },
  output: { kind: 'files' },
  user: { kind: 'users' },
  'as-uid': { kind: 'users' },
  pid: { kind: 'pids' },
  'as-pid': { kind: 'pids' },
};

/** What stands after a command without an option. */
const argumentsOf = {
  doctor: { words: rows.map(({ id }) => id) },
  inspect: { kind: 'sockets' },
  listen: { kind: 'files' },
  scan: { kind: 'sockets' },
  send: { kind: 'sockets' },
  trace: { kind: 'sockets' },
};

function optionOf({ name, char, type, summary, description = summary, helpValue, options, allowNo }) {
  const values = type === 'boolean' ? undefined : options ? { words: options } : (valuesOf[name] ?? {});
  // The value of some may be left out: nothing follows these but after =
  const isOptional = helpValue?.startsWith('[') === true || name === 'color';
  return { name, char, description, values, isOptional, hasNo: allowNo === true };
}

/** The commands, each with its options and what stands after it. */
export async function completed() {
  const manifest = JSON.parse(await readFile('oclif.manifest.json', 'utf8'));
  return Object.entries(manifest.commands).map(([name, { summary, flags }]) => ({
    name,
    summary,
    after: argumentsOf[name] ?? {},
    options: [
      ...Object.values(flags)
        .filter(({ hidden }) => hidden !== true)
        .map(optionOf),
      { name: 'help', char: 'h', description: 'Show help.' },
    ],
  }));
}
