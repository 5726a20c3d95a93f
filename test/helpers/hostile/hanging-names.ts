import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import { isRoot, requirePrograms, requireThat } from '../machine/requirements.js';
import { TemporaryDirectory } from '../machine/temporary.js';
import type { RunOptions } from '../running/run-peerpid.js';
import { sourceOf } from './hostile.js';

/**
 * A name service that never answers, but for ids from 60000 on: a module of the name service switch, for programs that
 * are run in a mount namespace in which nsswitch.conf(5) names it.
 */
export class HangingNames implements Disposable {
  readonly #directory = new TemporaryDirectory();
  readonly #log = this.#directory.file('asked');

  constructor(context: Mocha.Context) {
    requirePrograms(context, 'gcc');
    requireThat(context, isRoot, 'needs root, for a mount');
    requireThat(context, existsSync('/etc/nsswitch.conf'), 'needs the name service switch of glibc');
    const module = this.#directory.file('libnss_hang.so.2');
    execFileSync('gcc', ['-O1', '-shared', '-fPIC', '-o', module, sourceOf('nss-hang')]);
    writeFileSync(this.#directory.file('nsswitch.conf'), 'passwd: files hang\ngroup: files hang\n');
  }

  /** Runs a program so that it asks the module. */
  get options(): RunOptions & { readonly wrapper: readonly string[] } {
    const command =
      'mount --bind "$0" /etc/nsswitch.conf && LD_LIBRARY_PATH="$1" && export LD_LIBRARY_PATH && shift && exec "$@"';
    return {
      wrapper: [
        ...['unshare', '--mount', 'sh', '-c', command],
        ...[this.#directory.file('nsswitch.conf'), this.#directory.path],
      ],
      env: { NSS_HANG_LOG: this.#log },
    };
  }

  /** The questions since the last time. */
  takeAsked(): string[] {
    if (!existsSync(this.#log)) return [];
    const lines = readFileSync(this.#log, 'utf8').trim().split('\n');
    rmSync(this.#log);
    return lines;
  }

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]();
  }
}
