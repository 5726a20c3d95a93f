import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { importsOf } from '../helpers/machine/imports.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

const files = ['src', 'native-probe'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file)),
);

/** From each file to those that it imports, be it for a type or late. */
const imports = files.flatMap((from) =>
  importsOf(join(root, from))
    .filter((name) => name.startsWith('.'))
    .map((name) => ({ from, to: join(from, '..', name).replace(/\.js$/, '.ts') })),
);

/** Which children of a folder, each with all that is in it, import which. */
function amongChildren(folder: string): Graph {
  const prefix = folder === '' ? '' : `${folder}/`;
  const childOf = (file: string): string => file.slice(prefix.length).split('/')[0] ?? '';
  const graph = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    if (!from.startsWith(prefix) || !to.startsWith(prefix) || childOf(from) === childOf(to)) continue;
    graph.set(childOf(from), (graph.get(childOf(from)) ?? new Set()).add(childOf(to)));
  }
  return graph;
}

/** @returns the way around, from one to itself; undefined where there is none */
function cycleOf(graph: Graph): string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, way: readonly string[]): string[] | undefined => {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const next of graph.get(name) ?? []) {
      const cycle = visit(next, [...way, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of graph.keys()) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

describe('the sources', () => {
  const folders = new Set(files.flatMap((file) => file.split('/').map((_, at, parts) => parts.slice(0, at).join('/'))));
  for (const folder of folders) {
    it(`are in no circle among what is in ${folder || 'the repository'}`, () => {
      const cycle = cycleOf(amongChildren(folder));
      assert.ok(cycle === undefined, cycle?.join(' imports '));
    });
  }

  it('are all that they import', () => {
    const unknown = imports.filter(({ to }) => !files.includes(to));
    assert.deepEqual(unknown, []);
  });

  it('have each file name once, but for those of commands', () => {
    const named = files.filter((file) => !file.startsWith('src/commands/') && file !== 'src/index.ts');
    const twice = named.filter((file) => named.some((other) => other !== file && basename(other) === basename(file)));
    assert.deepEqual(twice, []);
  });

  it('are told of a circle that there is', () => {
    const graph = new Map(Object.entries({ a: new Set(['b']), b: new Set(['c', 'd']), d: new Set(['b']) }));
    assert.deepEqual(cycleOf(graph), ['b', 'd', 'b']);
  });
});
