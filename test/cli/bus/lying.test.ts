import assert from 'node:assert/strict';

import { mostNames } from '../../../src/buses/bus-limits.js';
import { answersOf, Body, LyingBus, reply } from '../../helpers/peers/lying-bus.js';
import { publicDirectory } from '../../helpers/peers/service.js';
import { Peer } from '../../helpers/peers/peer.js';
import { bus, connectionOf } from '../../helpers/running/bus.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('peerpid bus, of a bus that lies', () => {
  it('says what the kernel says against it', async () => {
    using directory = publicDirectory();
    const path = directory.file('bus');
    await using client = await Peer.start();
    const uid = process.geteuid?.() ?? 0;
    using _bus = await LyingBus.start(
      path,
      answersOf({
        ':1.1': { ProcessID: client.pid, UnixUserID: uid },
        ':1.2': { ProcessID: 1, UnixUserID: uid },
        ':1.3': { ProcessID: client.pid, UnixUserID: uid + 7 },
      }),
    );
    await client.do('connect', path, 'stream');
    const { document, status } = await bus(path);
    assert.equal(status, 3);
    const honest = connectionOf(document, ':1.1');
    assert.deepEqual([honest.verdict, honest.kernel[0]?.verdict], ['unpinned', 'pinned']);
    const nobody = connectionOf(document, ':1.2');
    assert.deepEqual([nobody.verdict, nobody.kernel], ['contradicted', []]);
    assert.match(nobody.text, /^The bus says PID 1, but by the kernel no process that connected to it has that PID: /);
    const other = connectionOf(document, ':1.3');
    assert.equal(other.verdict, 'contradicted');
    assert.match(other.text, new RegExp(`user ${uid + 7} connected as PID ${client.pid}, but .* user ${uid}\\.$`));
    const text = await runPeerpid(['bus', '--address', path]);
    assert.match(text.stdout, /^CONTRADICTED +:1\.2: The bus says PID 1, /m);
  });

  it('shows facts of kinds that it does not know, and nothing that a terminal obeys', async () => {
    using directory = publicDirectory();
    const path = directory.file('bus');
    using _bus = await LyingBus.start(
      path,
      answersOf({
        ':1.1': {
          ProcessID: process.pid,
          UnixUserID: 0,
          LinuxSecurityLabel: Buffer.from('a\x1b]0;b\x07\0'),
          '\x1b[2J': 7,
          'org.example.Word': '\x1b[31mred',
          ProcessFD: 3,
        },
      }),
    );
    const { document } = await bus(path);
    const { credentials } = connectionOf(document, ':1.1');
    assert.deepEqual(credentials?.others, [
      { name: '\x1b[2J', value: 7 },
      { name: 'org.example.Word', value: '\x1b[31mred' },
      { name: 'ProcessFD', value: 3 },
    ]);
    assert.equal(credentials.pidfd, false, 'a number is no pidfd');
    assert.equal(credentials.securityLabel, 'a\x1b]0;b\x07');
    const text = await runPeerpid(['bus', '--address', path, ':1.1']);
    assert.doesNotMatch(text.stdout, /[\x00-\x09\x0b-\x1f]/);
    assert.match(text.stdout, /LinuxSecurityLabel a\\x1b\]0;b\\x07, \\x1b\[2J 7, org\.example\.Word \\x1b\[31mred/);
  });

  it('looks at no more names than it says', async () => {
    using directory = publicDirectory();
    const path = directory.file('bus');
    const names = Array.from({ length: mostNames + 500 }, (_, index) => `org.example.N${index}`);
    const others = answersOf({});
    using _bus = await LyingBus.start(path, (call) => {
      if (call.member === 'ListNames') return reply(call.serial, 'as', new Body().texts([':1.0', ...names]));
      if (call.member === 'GetNameOwner') return reply(call.serial, 's', new Body().text(':1.99'));
      return others(call);
    });
    const { document } = await bus(path, ['--timeout', '20']);
    assert.deepEqual([document.connections, document.notSeen.names], [[], 501]);
  });

  it('does without the credentials that do not come in time', async () => {
    using directory = publicDirectory();
    const path = directory.file('bus');
    const answers = answersOf({ ':1.1': { ProcessID: process.pid }, ':1.2': { ProcessID: process.pid } });
    using _bus = await LyingBus.start(path, (call) => (call.argument === ':1.2' ? undefined : answers(call)));
    const { document } = await bus(path, ['--timeout', '1']);
    assert.notEqual(connectionOf(document, ':1.1').credentials, null);
    const silent = connectionOf(document, ':1.2');
    assert.deepEqual([silent.verdict, silent.credentials], ['none', null]);
    assert.match(silent.text, /^The bus gave no credentials \(no answer came in time/);
  });
});
