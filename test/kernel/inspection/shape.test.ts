import assert from 'node:assert/strict';

import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { inspectionText } from '../../../src/output/inspect/inspection-text.js';
import { names, plain } from '../../helpers/document.js';
import { requireKernel } from '../../helpers/machine/kernel-gives.js';
import { PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { inspect } from '../../helpers/running/inspect.js';
import { steady } from '../../helpers/steady.js';
import { assertShape } from '../../helpers/stored.js';

describe('the shape of what inspect prints', () => {
  before(async function () {
    requirePidNamespaces(this);
    await requireKernel(this, 'a pidfd of a peer that is reaped');
  });

  /** @param last - of the lines that a terminal of 24 lines shows below the prompt */
  const isPrinted = (document: InspectDocument, what: string, last: RegExp): void => {
    const context = { document, names, ourNamespaces: document.byPid?.namespaces };
    const draw = (width: number): string => inspectionText(context, plain(width));
    assertShape(`inspect/${what}`, draw);
    const shown = draw(80).split('\n').slice(0, 23);
    assert.ok(
      shown.some((line) => last.test(line)),
      draw(80),
    );
  };

  it('is an answer, a table and a verdict for a PID that can be trusted', async () => {
    await using server = await Peer.start();
    const name = freshName();
    await server.do('listen', name);
    const document = steady(await inspect(name), name);
    isPrinted(document, 'pinned', /^holders /);
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
    isPrinted(document, 'recycled', /^info /);
  });
});
