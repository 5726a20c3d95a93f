import { Flags } from '@oclif/core';

import { criteria } from './selecting/criteria.js';

const howMany = { multiple: true, multipleNonGreedy: true } as const;
const chooses = { ...howMany, helpGroup: 'CHOOSE' } as const;
const draws = { helpGroup: 'TABLE' } as const;

/** What is shown of a scan. A list has commas in it, and with a leading `!` means all but these. */
export const choosingFlags = {
  pid: Flags.string({ ...chooses, helpValue: 'PID,…', description: 'Held by these processes, at either end.' }),
  user: Flags.string({ ...chooses, helpValue: 'USER,…', description: 'Held by processes of these users.' }),
  comm: Flags.string({
    ...chooses,
    helpValue: 'NAME,…',
    description: 'Held by programs of these names; * and ? are wild.',
  }),
  socket: Flags.string({
    ...chooses,
    helpValue: 'SOCKET,…',
    description: 'With these paths or @names; * and ? are wild.',
  }),
  type: Flags.string({ ...chooses, helpValue: 'TYPE,…', description: 'Of type stream, seqpacket or dgram.' }),
  verdict: Flags.string({
    ...chooses,
    helpValue: 'VERDICT,…',
    description: 'With these verdicts, such as !pinned,none.',
  }),
  finding: Flags.string({ ...chooses, helpValue: 'FINDING,…', description: 'With these findings.' }),
  asks: Flags.string({
    ...chooses,
    helpValue: 'WHAT,…',
    description: 'Whose service asks for cred, pidfd, sec or rights.',
  }),
  listening: Flags.boolean({ helpGroup: 'CHOOSE', description: 'Listeners, and datagram sockets that receive.' }),
  connected: Flags.boolean({ helpGroup: 'CHOOSE', description: 'Whatever has another end, accepted or waiting.' }),
} as const;

/** By which of the flags above a list is given. */
export const criterionNames = Object.keys(criteria) as (keyof typeof criteria)[];

/** How the table looks. */
export const tableFlags = {
  columns: Flags.string({
    ...draws,
    helpValue: 'NAME,…',
    description: 'Only these columns, or with a leading + these too; `--columns help` explains each.',
  }),
  extended: Flags.boolean({ ...draws, char: 'x', description: 'Every column.', exclusive: ['columns'] }),
  sort: Flags.string({ ...draws, helpValue: 'NAME,…', description: 'By these columns; -NAME is backwards.' }),
  header: Flags.boolean({ ...draws, default: true, allowNo: true, description: 'The line of headings.' }),
  truncate: Flags.boolean({ ...draws, default: true, allowNo: true, description: 'Cut to fit the terminal.' }),
  csv: Flags.boolean({ ...draws, description: 'Comma-separated values.' }),
  nul: Flags.boolean({ ...draws, description: 'End each field with a NUL, for scripts.' }),
  summary: Flags.option({
    ...draws,
    options: ['only', 'also', 'none'] as const,
    description: 'The counts alone, after the table, or not at all.',
  })(),
} as const;
