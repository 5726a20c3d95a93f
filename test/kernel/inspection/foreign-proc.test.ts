import assert from 'node:assert/strict';

import { PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { isRoot, requireThat } from '../../helpers/machine/requirements.js';
import { freshName } from '../../helpers/peers/connected.js';
import { findingIds, findingText, inspect, whyUnavailable } from '../../helpers/running/inspect.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('a /proc that belongs to another PID namespace', () => {
  before(function () {
    requirePidNamespaces(this);
    requireThat(this, isRoot, 'entering a PID namespace without its mounts takes root');
  });

  it('of the parent: the peer’s facts are its own, though its number there is another', async () => {
    const name = freshName();
    await using namespace = await PidNamespace.make();
    await namespace.init.do('listen', name);
    // Its number is 1, as that of somebody in the parent's /proc
    const wrapper = ['nsenter', '--pid', '--target', String(namespace.initPid)];
    const document = await inspect(name, { wrapper });
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.byPidfd?.pid, 1);
    assert.equal(document.byPidfd.exe, process.execPath);
    assert.match(document.byPidfd.cmdline?.[1] ?? '', /peer-program\.js$/);
    assert.ok(!findingIds(document).includes('holder-differs'));
    assert.match(findingText(document, 'proc-not-ours'), /another PID namespace/);
    assert.match(
      whyUnavailable(document, 'holders') ?? '',
      /^no \/proc of this PID namespace is mounted here, and only that shows who/,
    );
    const { stdout } = await runPeerpid(['inspect', name], { wrapper });
    assert.match(stdout, /^holders +Not known: no \/proc of this PID namespace is mounted here/m);
  });

  it('of a sibling: nothing in it is taken for the peer’s', async () => {
    const name = freshName();
    await using namespace = await PidNamespace.make();
    await using sibling = await PidNamespace.make();
    await namespace.init.do('listen', name);
    const wrapper = ['nsenter', '--pid', '--target', String(namespace.initPid)];
    const inSiblingsMounts = ['nsenter', '--mount', '--target', String(sibling.initPid)];
    const document = await inspect(name, { wrapper: [...wrapper, ...inSiblingsMounts] });
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.byPidfd?.pid, 1);
    assert.equal(document.byPidfd.comm, undefined);
    assert.match(whyUnavailable(document, 'byPidfd.comm') ?? '', /no \/proc of this PID namespace that shows it/);
    assert.ok(document.byPidfd.namespaces?.pid);
    assert.match(findingText(document, 'proc-not-ours'), /belongs to another PID namespace/);
    // peerpid is in the sibling's mount namespace
    assert.match(findingText(document, 'other-namespaces'), /: mnt\.$/);
    assert.equal(document.findings.length, 2);
  });
});
