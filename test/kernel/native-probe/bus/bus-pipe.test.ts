import assert from 'node:assert/strict';
import { chmodSync, readlinkSync } from 'node:fs';

import { encodeDescriptors } from '../../../../native-probe/ancillary.js';
import { BusPipe } from '../../../../native-probe/bus/bus-pipe.js';
import type { Fd } from '../../../../native-probe/fd.js';
import { type Message, MessageReceiver, send } from '../../../../native-probe/message.js';
import { isPidfd, openPidfd, pidfdId } from '../../../../native-probe/pidfd.js';
import { accept, bind, listen, openSocket, openSocketPair } from '../../../../native-probe/unix-socket.js';
import { compiled, startWithFuse } from '../../../helpers/hostile/hostile.js';
import { publicDirectory } from '../../../helpers/peers/service.js';
import { waitFor } from '../../../helpers/wait-for.js';

const receiver = new MessageReceiver(1);

/** What sd-bus would receive next. */
async function received(pipe: BusPipe): Promise<Message> {
  let next: Message | undefined;
  await waitFor('something comes', () => {
    pipe.move();
    [next] = receiver.receive(pipe.end, false);
    return next !== undefined;
  });
  assert.ok(next !== undefined);
  return next;
}

/** A pipe to the other of a pair. */
function piped(): { readonly bus: Fd; readonly pipe: BusPipe } {
  const [bus, end] = openSocketPair('stream');
  return { bus, pipe: new BusPipe(end) };
}

describe('what stands between a bus and sd-bus', () => {
  it('gives a pidfd on', async () => {
    const { bus, pipe } = piped();
    using from = bus;
    using opened = pipe;
    using end = pipe.end;
    using pidfd = openPidfd(process.pid);
    send(from, { data: Buffer.from('one'), control: encodeDescriptors([pidfd.number]) });
    const { data, ancillary } = await received(opened);
    using came = ancillary;
    assert.equal(data.toString(), 'one');
    const [passed] = came.passed;
    assert.ok(passed !== undefined && isPidfd(passed));
    assert.equal(pidfdId(passed), pidfdId(pidfd));
    assert.ok(end.number >= 0);
  });

  it('closes elsewhere what takes for ever to be closed, with something harmless in its place', async function () {
    using directory = publicDirectory();
    const program = compiled(this, directory, 'flush-hang');
    const path = directory.file('socket');
    using listener = openSocket('stream');
    bind(listener, { kind: 'path', path: Buffer.from(path) });
    chmodSync(path, 0o666);
    listen(listener, 1);
    await using hanging = await startWithFuse(this, directory, program, path, 'stream', '1');
    const accepted = accept(listener);
    assert.ok(accepted !== undefined);
    using pipe = new BusPipe(accepted);
    using _end = pipe.end;
    {
      const { data, ancillary } = await received(pipe);
      using came = ancillary;
      assert.equal(data.toString(), 'hello');
      assert.deepEqual(
        came.passed.map(({ number }) => readlinkSync(`/proc/self/fd/${number}`)),
        ['/dev/null'],
      );
    }
    await hanging.logged('FLUSH');
    assert.equal((await received(pipe)).data.toString(), 'plain');
  });

  it('moves much both ways, as there is room, and the end', async () => {
    const { bus, pipe } = piped();
    using end = pipe.end;
    using opened = pipe;
    const sent = Buffer.alloc(3_000_000, 'abc');
    {
      using from = bus;
      let [at, got] = [0, 0];
      for (let rounds = 0; got < sent.length && rounds < 10_000; rounds++) {
        if (at < sent.length) at += send(from, { data: sent.subarray(at, at + 50_000) });
        opened.move();
        for (const { length } of receiver.receive(end, false)) got += length;
      }
      assert.equal(got, sent.length);
      send(end, { data: Buffer.from('back') });
      opened.move();
      assert.equal(receiver.receive(from, false)[0]?.data.toString(), 'back');
    }
    assert.equal((await received(opened)).length, 0);
  });
});
