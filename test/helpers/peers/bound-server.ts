import assert from 'node:assert/strict';
import { statSync } from 'node:fs';

import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import { openPidfd, pidfdId } from '../../../native-probe/pidfd.js';
import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import { socketOfInode } from '../../../native-probe/sock-diag.js';
import { type BoundFile, boundFile } from '../../../src/scanning/bound-file/bound-file.js';
import type { PathSearch } from '../../../src/scanning/bound-file/path-search.js';
import type { HeldBy } from '../../../src/socket/held-socket.js';
import { type Reading, valueOf } from '../../../src/words/reading.js';
import { Peer, type PeerOptions } from './peer.js';

/** A peer that has a socket bound. */
export class BoundServer implements AsyncDisposable {
  readonly socket: DiagSocket;
  readonly holder: Pick<Holder, 'pid' | 'pidfdId' | 'fds'>;

  constructor(
    readonly peer: Peer,
    fd: number,
  ) {
    const socket = socketOfInode(statSync(`/proc/${peer.pid}/fd/${fd}`).ino);
    assert.ok(socket);
    this.socket = socket;
    using process = openPidfd(peer.pid);
    this.holder = { pid: peer.pid, pidfdId: pidfdId(process), fds: [fd] };
  }

  static async start(path: string, options: PeerOptions = {}, type = 'stream', backlog = 16): Promise<BoundServer> {
    const peer = await Peer.start(options);
    try {
      return new BoundServer(peer, await peer.number('listen', path, type, backlog));
    } catch (error) {
      await peer[Symbol.asyncDispose]();
      throw error;
    }
  }

  look(holders: readonly HeldBy[] = [this.holder], search?: PathSearch): Reading<BoundFile> {
    return boundFile(this.socket, holders, search);
  }

  there(): string | undefined {
    return valueOf(this.look())?.there;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.peer[Symbol.asyncDispose]();
  }
}
