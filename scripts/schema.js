// Writes dist/schema: a JSON Schema of what each command prints with --json, made from the types that it prints.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';

import { createGenerator } from 'ts-json-schema-generator';

const root = new URL('../', import.meta.url);
const directory = new URL('dist/schema/', root);

/** By the name of the file: of what it is, and the type. */
const documents = {
  inspect: ['What peerpid inspect --json prints', 'InspectConnectionsDocument'],
  listen: ['A line of what peerpid listen --json prints', 'ListenEvent'],
  scan: ['What peerpid scan --json prints', 'ScanDocument'],
  watch: ['A line of what peerpid scan --watch --json prints', 'WatchEvent'],
  race: ['What peerpid race --json prints', 'RaceDocument'],
  trace: ['A line of what peerpid trace --json prints', 'TraceEvent'],
  bus: ['What peerpid bus --json prints', 'BusDocument'],
  'bus-watch': ['A line of what peerpid bus --watch --json prints', 'BusEvent'],
  send: ['What peerpid send --json prints', 'SendDocument'],
  doctor: ['What peerpid doctor --json prints', 'DoctorDocument'],
  forge: ['What peerpid race --forge --json prints', 'ForgeDocument'],
  error: ['What every command prints with --json when it fails', 'ErrorDocument'],
};

const { pathname } = root;
// One program for all. What tsc has checked is not checked again, and Node's own types, which no document has, are
// left out: reading them takes as long as the rest.
const generator = createGenerator({
  path: `${pathname}src/document/*.ts`,
  tsconfig: `${pathname}scripts/schema.tsconfig.json`,
  skipTypeCheck: true,
  topRef: false,
});

/** The generator puts a blank between the parts of a comment, of which a `{@link Type.field}` is three. */
const link = / ?\{@link {1,2}(?:\w+\.)*(\w+) \} ?/g;

/** What holds for all that peerpid prints, and the types do not say. */
function refine(key, value) {
  // Ids, counts, bytes, inode and descriptor numbers
  if (value?.type === 'number') return { minimum: 0, ...value, type: 'integer' };
  if (key === 'description' && typeof value === 'string') return value.replace(link, '`$1`');
  return value;
}

const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
await rm(directory, { recursive: true, force: true });
await mkdir(directory, { recursive: true });
for (const [name, [title, type]] of Object.entries(documents)) {
  const { $schema, description, definitions, anyOf, ...rest } = generator.createSchema(type);
  const schema = {
    $schema,
    $id: `urn:peerpid:${version}:schema:${name}`,
    title,
    description,
    // A union at the top is of events, of which a line is one
    ...(anyOf && { oneOf: anyOf }),
    ...rest,
    definitions,
  };
  await writeFile(new URL(`${name}.json`, directory), `${JSON.stringify(schema, refine, 2)}\n`);
}
