import assert from 'node:assert/strict';

import stringWidth from 'string-width';

import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { inspectionText } from '../../../src/output/inspect/inspection-text.js';
import { names, plain } from '../../helpers/document.js';
import { requireKernel } from '../../helpers/machine/kernel-gives.js';
import { PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { inspect } from '../../helpers/running/inspect.js';
import { assertStored } from '../../helpers/stored.js';

/** What is another number each time, by the names of its fields. */
const varying = /"(pid|pidfdId|inode|fd)":(\d+)|\bPID (\d+)|(\d+)(?=\/fd\/)/g;

/** The same with numbers, times and places that are the same each time. */
function steady(document: InspectDocument, name: string): InspectDocument {
  const numbers = new Map<string, number>();
  const numberFor = (of: string): number => {
    const known = numbers.get(of) ?? 4200 + numbers.size;
    numbers.set(of, known);
    return known;
  };
  const text = JSON.stringify(document)
    .replaceAll(name.slice(1), 'app')
    .replace(varying, (all, _key: string, ...digits: (string | undefined)[]) => {
      const found = digits.find((some) => typeof some === 'string' && /^\d+$/.test(some)) ?? '';
      return all.replace(found, String(numberFor(found)));
    })
    .replaceAll(process.execPath, '/usr/bin/node')
    .replaceAll(/"startTime":"[^"]+"/g, '"startTime":"2026-01-02T03:04:05.000Z"')
    .replaceAll(/"cwd":"[^"]*"/g, '"cwd":"/srv"')
    .replaceAll(/"capabilities":\[[^\]]*\]/g, '"capabilities":["cap_chown","cap_kill"]')
    .replaceAll(/"groups":\[[^\]]*\]/g, '"groups":[]')
    .replaceAll(/"seccomp":"[^"]*"/g, '"seccomp":"disabled"')
    .replaceAll(/"cgroup":"[^"]*"/g, '"cgroup":"/"')
    .replaceAll(/"cmdline":\["\/usr\/bin\/node","[^"]*"/g, '"cmdline":["/usr/bin/node","/usr/lib/app/server.js"');
  const { unavailable, ...rest } = JSON.parse(text) as InspectDocument;
  // What we may not see is another matter on each machine
  return { ...rest, unavailable: unavailable.filter(({ fact }) => fact !== 'holders.notSeen') };
}

describe('the shape of what inspect prints', () => {
  before(async function () {
    requirePidNamespaces(this);
    await requireKernel(this, 'a pidfd of a peer that is reaped');
  });

  /** @param last - of the lines that a terminal of 24 lines shows below the prompt */
  const assertShape = (document: InspectDocument, what: string, last: string): void => {
    const ourNamespaces = document.byPid?.namespaces;
    for (const width of [60, 80, 120, 200]) {
      const text = inspectionText({ document, names, ourNamespaces }, plain(width));
      for (const line of text.split('\n')) assert.ok(stringWidth(line) <= width, line);
      if (width === 80) assert.ok(text.split('\n').findIndex((line) => new RegExp(last).test(line)) < 23, text);
      assertStored(`inspect/${what}-${width}.txt`, text);
    }
  };

  it('is an answer, a table and a verdict for a PID that can be trusted', async () => {
    await using server = await Peer.start();
    const name = freshName();
    await server.do('listen', name);
    const document = steady(await inspect(name), name);
    assertShape(document, 'pinned', '^holders ');
  });

  it('has both columns where they differ, for a PID that is another process now', async () => {
    await using namespace = await PidNamespace.make();
    await using server = await Peer.start({ wrapper: namespace.enter });
    const name = freshName();
    const listener = await server.number('listen', name);
    await server.number('spawn', ['sleep', '60'], listener);
    await server.exit();
    await namespace.init.do('spawnAs', server.ownPid, ['sleep', '61']);
    const document = steady(await inspect(name, { wrapper: namespace.enter }), name);
    assertShape(document, 'recycled', '^info ');
  });
});
