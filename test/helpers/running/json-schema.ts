import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

/** The schemas that the package has. */
export const schemaNames = [
  'inspect',
  'listen',
  'scan',
  'watch',
  'trace',
  'send',
  'bus',
  'bus-watch',
  'race',
  'doctor',
  'forge',
  'error',
] as const;
export type SchemaName = (typeof schemaNames)[number];

/** A validator that takes no schema with a doubtful keyword. A fact that may be null is of two types. */
export function strictAjv(): Ajv {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true });
  formats.default(ajv);
  return ajv;
}

export function readSchema(name: SchemaName): object {
  return JSON.parse(readFileSync(new URL(`../../../../dist/schema/${name}.json`, import.meta.url), 'utf8')) as object;
}

const compiled = new Map<SchemaName, ValidateFunction>();

function validatorOf(name: SchemaName): ValidateFunction {
  const known = compiled.get(name) ?? strictAjv().compile(readSchema(name));
  compiled.set(name, known);
  return known;
}

/** What is wrong with a document by its schema, in words; undefined when nothing is. */
export function violationsOf(name: SchemaName, document: unknown): string | undefined {
  const validate = validatorOf(name);
  if (validate(document)) return undefined;
  // Of events each kind tells why it is not this one: what was looked into most deeply is meant
  const words = ({ instancePath, message = '', params }: ErrorObject): string =>
    `${instancePath || 'the document'} ${message} ${JSON.stringify(params)}`;
  const depth = ({ instancePath }: ErrorObject): number => instancePath.split('/').length;
  const errors = (validate.errors ?? []).toSorted((a, b) => depth(b) - depth(a));
  return `not as dist/schema/${name}.json says:\n  ${errors.map(words).join('\n  ')}`;
}

/** One JSON document of a command, or its error: it must be as the schema says. */
export function assertDocument(command: SchemaName, text: string): void {
  const document = JSON.parse(text) as object;
  const violations = violationsOf('error' in document ? 'error' : command, document);
  assert.ok(violations === undefined, `${violations ?? ''}\n${text.slice(0, 2000)}`);
}

/**
 * All that a run printed, if it was to be JSON.
 *
 * @param args - of the command line
 * @param whole - false for a run that was killed, whose last line may be a part
 */
export function assertOutput(args: readonly string[], stdout: string, whole: boolean): void {
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  if (!options.includes('--json') || options.some((option) => /^(?:--help|-h|--version)$/.test(option))) return;
  const typed = args.find((argument) => !argument.startsWith('-'));
  const isWatch = typed === 'scan' && options.some((option) => /^--watch\b/.test(option));
  const isBusWatch = typed === 'bus' && options.some((option) => /^(?:--watch|-w)$/.test(option));
  const isForge = typed === 'race' && options.includes('--forge');
  // What is no command must be answered with an error
  const ofCommand = schemaNames.find((name) => name === typed && name !== 'watch' && name !== 'forge') ?? 'error';
  const command = isBusWatch ? 'bus-watch' : isWatch ? 'watch' : isForge ? 'forge' : ofCommand;
  const lines = stdout.split('\n');
  const rest = lines.pop() ?? '';
  if (whole) assert.equal(rest, '', 'the output ends in the middle of a line');
  // inspect has one for each SOCKET, or address of a unit
  const sockets = args.filter((argument) => !argument.startsWith('-')).slice(1);
  const isEach = command === 'inspect' && (sockets.length > 1 || sockets.some((one) => one.endsWith('.socket')));
  const isOne = command !== 'listen' && command !== 'watch' && command !== 'trace' && !isBusWatch && !isEach;
  if (isOne && whole && lines.length > 0) assert.equal(lines.length, 1, 'more than one document');
  for (const line of lines) assertDocument(command, line);
}
