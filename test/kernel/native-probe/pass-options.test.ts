import assert from 'node:assert/strict';

import type { Fd } from '../../../native-probe/fd.js';
import * as libc from '../../../native-probe/libc.js';
import { askForSenders } from '../../../native-probe/message.js';
import { uapi } from '../../../native-probe/uapi.js';
import {
  accept,
  bind,
  connect,
  listen,
  openSocket,
  openSocketPair,
  passOptionsOf,
} from '../../../native-probe/unix-socket.js';
import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { requireKernel } from '../../helpers/machine/kernel-gives.js';
import { requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { runWithFaults, whyNoStrace } from '../../helpers/machine/strace.js';
import { freshName } from '../../helpers/peers/connected.js';
import { findingIds } from '../../helpers/running/inspect.js';

function abstract(): { kind: 'abstract'; name: Buffer } {
  return { kind: 'abstract', name: Buffer.from(freshName().slice(1)) };
}

describe('passOptions', () => {
  it('tells which are on, of which descriptors are from the start', async function () {
    await requireKernel(this, 'a pidfd of a sender');
    using socket = openSocket('dgram');
    assert.deepEqual(passOptionsOf(socket), ['rights']);
    askForSenders(socket, 'SO_PASSCRED');
    assert.deepEqual(passOptionsOf(socket), ['cred', 'rights']);
    askForSenders(socket, 'SO_PASSPIDFD');
    assert.deepEqual(passOptionsOf(socket), ['cred', 'pidfd', 'rights']);
  });

  it('tells that no descriptors are taken', function () {
    using socket = openSocket('stream');
    const off = Buffer.alloc(4);
    const answer = libc.setsockopt(socket.number, uapi.SOL_SOCKET, uapi.SO_PASSRIGHTS, off, off.length);
    requireThat(this, answer === 0, 'SO_PASSRIGHTS came with Linux 6.16');
    assert.deepEqual(passOptionsOf(socket), []);
  });

  it('tells the same of what a listener accepts', () => {
    const address = abstract();
    using listener = openSocket('stream');
    askForSenders(listener, 'SO_PASSCRED');
    bind(listener, address);
    listen(listener, 1);
    using client = openSocket('stream');
    connect(client, address);
    using accepted: Fd | undefined = accept(listener);
    assert.ok(accepted);
    assert.deepEqual(passOptionsOf(accepted), passOptionsOf(listener));
    assert.deepEqual(passOptionsOf(client), ['rights']);
  });
});

describe('an option that the kernel does not know', () => {
  before(function () {
    requirePrograms(this, 'strace');
    const reason = whyNoStrace();
    requireThat(this, reason === undefined, reason ?? '');
  });

  it('is off, but descriptors are taken', async function () {
    await requireKernel(this, 'a pidfd of a sender');
    const [one, other] = openSocketPair('stream');
    using ours = one;
    using _theirs = other;
    for (const option of ['SO_PASSCRED', 'SO_PASSPIDFD'] as const) askForSenders(ours, option);
    const target = `/proc/${process.pid}/fd/${ours.number}`;
    const unknown = async (option: RegExp): Promise<InspectDocument> => {
      const args = ['inspect', '--json', target];
      return JSON.parse(
        (await runWithFaults(args, [['getsockopt', option, 'error=ENOPROTOOPT']])).stdout,
      ) as InspectDocument;
    };
    const noRights = await unknown(/SO_PASSRIGHTS|0x53/);
    assert.deepEqual(noRights.socket.asks, ['cred', 'pidfd', 'rights']);
    const noPidfd = await unknown(/SO_PASSPIDFD|0x4c/);
    assert.deepEqual(noPidfd.socket.asks, ['cred', 'rights']);
    assert.ok(findingIds(noPidfd).includes('judges-by-number'));
  });
});
