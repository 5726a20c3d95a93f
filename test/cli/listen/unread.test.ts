import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';

import type { ListenEvent } from '../../../src/document/listen-event.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { peerpid, startPeerpid } from '../../helpers/running/run-peerpid.js';
import { kinds, UnreadOutput } from '../../helpers/running/unread-output.js';
import { waitFor } from '../../helpers/wait-for.js';

const messages = 20_000;

/** Sends numbered messages, and tells when it was held up, which is when nothing went for a second, and at its end. */
const sender = `import socket, sys
path, kind, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM if kind == "dgram" else socket.SOCK_SEQPACKET)
s.settimeout(1)
s.connect(path)
for number in range(count):
    while True:
        try: s.send(b"%d" % number); break
        except ConnectionError: sys.exit()
        except socket.timeout: print("held", number, flush=True); s.settimeout(None)
print("sent", flush=True)
sys.stdin.read()`;

/** Bytes: the most that a process ever had in memory. */
function mostResident(pid: number | undefined): number {
  return 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8'))?.[1]);
}

class Running implements Disposable {
  #said = '';

  constructor(readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    child.stdin?.on('error', () => undefined);
  }

  get said(): string {
    return this.#said;
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}

describe('the output of listen, when it is not read', () => {
  let directory: TemporaryDirectory;
  let path: string;

  before(function () {
    requirePrograms(this, 'python3', 'mkfifo');
  });

  prepareEach((keep) => {
    directory = keep(new TemporaryDirectory());
    path = directory.file('socket');
  });

  async function start(type: string, output: UnreadOutput, ...args: string[]): Promise<Running> {
    const all = [peerpid, 'listen', '--type', type, ...args, path];
    const child = spawn(process.execPath, all, { stdio: ['ignore', output.fd, 'pipe'] });
    output.given();
    await waitFor('it listens', () => existsSync(path));
    return new Running(child);
  }

  const send = (type: string): Running =>
    new Running(spawn('python3', ['-c', sender, path, type, String(messages)], { stdio: ['pipe', 'pipe', 'inherit'] }));

  for (const type of ['dgram', 'seqpacket'] as const) {
    it(`holds up who sends, and tells each message once when it is read (${type})`, async () => {
      using output = new UnreadOutput('pipe');
      using listening = await start(type, output, '--json');
      const before = mostResident(listening.child.pid);
      using sending = send(type);
      await waitFor('the sender is held up', () => sending.said.includes('\n'), 60_000);
      assert.match(sending.said, /^held/);
      const lines = await output.lines((line) => line.includes(`"preview":"${messages - 1}"`));
      const numbers = lines
        .map((line) => JSON.parse(line) as ListenEvent)
        .flatMap((event) => (event.event === 'message' ? [event.preview] : []));
      assert.equal(numbers.length, messages);
      numbers.forEach((number, index) => {
        assert.equal(number, String(index));
      });
      const grown = mostResident(listening.child.pid) - before;
      assert.ok(grown < 120e6, `${grown} bytes more`);
    });
  }

  for (const kind of kinds) {
    it(`does not keep a signal from ending it: ${kind}`, async () => {
      using output = new UnreadOutput(kind);
      using listening = await start('dgram', output);
      using sending = send('dgram');
      await waitFor('the sender is held up', () => sending.said.includes('\n'), 60_000);
      assert.match(sending.said, /^held/);
      listening.child.kill('SIGTERM');
      const [status] = (await once(listening.child, 'close')) as [number | null];
      assert.equal(status, 1);
      assert.match(
        listening.said,
        /^peerpid: standard output is full and nobody reads it: the last \d+ lines were not written, or only in part\n {2}hint: /,
      );
      assert.equal(existsSync(path), false);
      const lines = await output.lines();
      assert.ok(lines.length > 0);
      // A line of text is shorter than what a pipe takes whole
      if (kind !== 'terminal') assert.match(lines.at(-1) ?? '', /\n$/);
    });
  }

  it('is waited for after a signal, if somebody reads', async () => {
    using output = new UnreadOutput('pipe');
    using listening = await start('dgram', output, '--json');
    using sending = send('dgram');
    await waitFor('the sender is held up', () => sending.said.includes('\n'), 60_000);
    listening.child.kill('SIGTERM');
    const lines = await output.lines();
    const last = JSON.parse(lines.at(-1) ?? '') as ListenEvent;
    assert.ok(last.event === 'summary');
    assert.equal(last.messages, lines.filter((line) => line.includes('"event":"message"')).length);
    assert.equal(listening.said, '');
  });

  it('ends the listening once nobody can read it, also where nobody connects', async () => {
    const child = startPeerpid(['listen', path]);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [status] = (await once(child, 'exit')) as [number | null];
    assert.equal(status, 0);
    assert.equal(existsSync(path), false);
  });

  it('has --timeout end the listening, and then waits to be read', async () => {
    using output = new UnreadOutput('pipe');
    using listening = await start('dgram', output, '--json', '--timeout', '3');
    using sending = send('dgram');
    await waitFor('the socket file is gone', () => !existsSync(path), 60_000);
    assert.equal(listening.child.exitCode, null);
    const lines = await output.lines();
    assert.match(lines.at(-1) ?? '', /^\{"time":"[^"]*","event":"summary"/);
    assert.ok(sending.said !== 'sent\n');
  });
});
