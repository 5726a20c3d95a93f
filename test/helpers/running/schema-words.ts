import { readSchema, type SchemaName } from './json-schema.js';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

/** A type of a schema; '' is the document itself. */
function typeOf(schema: SchemaName, type: string): Schema {
  const whole = readSchema(schema) as Schema;
  const found = type === '' ? whole : whole.definitions?.[type];
  if (found === undefined) throw new Error(`${schema}.json has no ${type}`);
  return found;
}

/** The words that are all there are of a type. */
export function wordsOf(schema: SchemaName, type: string): readonly string[] {
  const { enum: words = [] } = typeOf(schema, type);
  if (words.length === 0) throw new Error(`${type} of ${schema}.json is no choice of words`);
  return words;
}

/** What a part of a schema consists of, as far as it has no name of its own. */
function partsOf({ properties = {}, additionalProperties, items, anyOf = [], oneOf = [] }: Schema): Schema[] {
  const other = typeof additionalProperties === 'object' ? [additionalProperties] : [];
  return [...Object.values(properties), ...other, ...(items === undefined ? [] : [items]), ...anyOf, ...oneOf];
}

function fieldsIn(part: Schema): string[] {
  return [...Object.keys(part.properties ?? {}), ...partsOf(part).flatMap(fieldsIn)];
}

function typesIn(part: Schema): string[] {
  const { $ref } = part;
  return [...($ref === undefined ? [] : [nameIn($ref)]), ...partsOf(part).flatMap(typesIn)];
}

function nameIn($ref: string): string {
  return $ref.replace('#/definitions/', '');
}

/** The document itself and all types of which it consists, without those that only one of its fields leads to. */
export function typesOf(schema: SchemaName, without?: string): string[] {
  const { [without ?? '']: _left, ...properties } = typeOf(schema, '').properties ?? {};
  const types = new Set(typesIn({ ...typeOf(schema, ''), properties }));
  for (const type of types) for (const further of typesIn(typeOf(schema, type))) types.add(further);
  return ['', ...types];
}

/** The fields of types, or of all that there are; verdicts and findings are none, where they are counted. */
export function fieldsOf(schema: SchemaName, types = typesOf(schema)): string[] {
  const { definitions = {} } = readSchema(schema) as Schema;
  const counted = ['Verdict', 'FindingId'].flatMap((type) => definitions[type]?.enum ?? []);
  const fields = new Set(types.flatMap((type) => fieldsIn(typeOf(schema, type))));
  return [...fields].filter((field) => !counted.includes(field));
}

/** The events of which one is a line, and the type of each. */
export function eventsOf(schema: SchemaName): { readonly event: string; readonly type: string }[] {
  return (typeOf(schema, '').oneOf ?? []).map(({ $ref = '' }) => {
    const type = nameIn($ref);
    return { event: typeOf(schema, type).properties?.['event']?.const ?? '', type };
  });
}
