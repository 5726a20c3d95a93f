import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

import type { InspectDocument } from '../../src/document/inspect-document.js';
import { isRoot, requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { runInjected, whyNoStrace } from '../helpers/machine/strace.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { Peer } from '../helpers/peers/peer.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';

/** As a service manager or a container starts a program: no HOME, no SHELL. */
const bare = ['env', '-i', `PATH=${process.env['PATH'] ?? ''}`];

describe('peerpid and the files of HOME', () => {
  it('waits for no FIFO there', async () => {
    using home = new TemporaryDirectory();
    mkdirSync(home.file('peerpid'));
    execFileSync('mkfifo', [home.file('peerpid/theme.json')]);
    const { stdout, stderr, status } = await runPeerpid(['doctor', 'so-peercred', '--json'], {
      wrapper: ['timeout', '-s', 'KILL', '15', 'env', `XDG_CONFIG_HOME=${home.path}`],
    });
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.match(stdout, /"so-peercred"/);
  });
});

describe('peerpid without an environment', () => {
  it('works for a user whom the user database does not have', async function () {
    requireThat(this, isRoot, 'another user takes root');
    requirePrograms(this, 'setpriv');
    await using server = await Peer.start();
    await server.do('listen', '@bare-environment');
    const stranger = ['setpriv', '--reuid', '54321', '--regid', '54321', '--clear-groups'];
    const { stdout, stderr, status } = await runPeerpid(['inspect', '--json', '@bare-environment'], {
      wrapper: [...stranger, ...bare],
    });
    assert.equal(stderr, '');
    assert.equal(status, 0);
    const document = JSON.parse(stdout) as InspectDocument;
    assert.deepEqual([document.verdict, document.byPidfd?.pid], ['pinned', server.pid]);
  });

  it('asks the user database nothing before it has to', async function () {
    requirePrograms(this, 'strace');
    const reason = whyNoStrace();
    requireThat(this, reason === undefined, reason ?? '');
    const { calls, status } = await runInjected(['--version'], ['openat', 'socket'], [], {
      wrapper: ['env', '-i', `PATH=${process.env['PATH'] ?? ''}`],
    });
    assert.equal(status, 0);
    assert.ok(calls.length > 0);
    assert.deepEqual(
      calls.filter((call) => /^socket\(|nsswitch|passwd/.test(call)),
      [],
    );
  });
});
