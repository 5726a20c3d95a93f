import { spawnSync } from 'node:child_process';

import { Peer } from '../peers/peer.js';
import { isRoot, requirePrograms, requireThat } from './requirements.js';

/** Skips the test where network namespaces cannot be made. */
export function requireNetworkNamespaces(context: Mocha.Context): void {
  requirePrograms(context, 'unshare', 'nsenter');
  requireThat(context, isRoot && spawnSync('unshare', ['--net', 'true']).status === 0, 'network namespaces take root');
}

/** A network namespace of the test's own, in which there are no sockets but those of the test. */
export class NetworkNamespace implements AsyncDisposable {
  private constructor(private readonly first: Peer) {}

  static async make(): Promise<NetworkNamespace> {
    return new NetworkNamespace(await Peer.start({ wrapper: ['unshare', '--net'] }));
  }

  /** The command that runs another in here: a wrapper for Peer and for peerpid. */
  get enter(): string[] {
    return ['nsenter', '--target', String(this.first.pid), '--net'];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.first[Symbol.asyncDispose]();
  }
}
