import { type Fd, openFile } from '../../../native-probe/fd.js';
import { openPath, statusOf } from '../../../native-probe/paths.js';
import { readRegularFile } from '../../../native-probe/regular-file.js';
import { uapi } from '../../../native-probe/uapi.js';
import { mapReading, type Reading, reading } from '../../words/reading.js';
import { type AccountFile, accountFiles, type NamesById, namesIn } from './account-names.js';

/** The files of users and groups below one root. No name service of others' is ever run. */
export type Accounts = Readonly<Record<AccountFile, AccountNames>>;

/** One of them. The same file below two roots is the same object. */
export interface AccountNames {
  readonly names: Reading<NamesById>;
}

/** Bytes of one file, and of all that are read: far more than anybody writes by hand. */
export const mostAccountBytes = { file: 1024 * 1024, all: 4 * 1024 * 1024 };

/** Reads those of processes, each once for all that have the same root in the same mount namespace. */
export class AllAccounts {
  readonly #byRoot = new Map<string, Accounts>();
  readonly #byFile = new Map<string, AccountNames>();
  #left = mostAccountBytes.all;

  /**
   * Those of whichever process has the number.
   *
   * @param thread - of it, where its first one has ended: that has no root any more
   * @returns undefined where it has our root: nothing is read then
   * @throws SyscallError where it may not be looked into
   */
  of(pid: number, thread = pid): Accounts | undefined {
    const process = thread === pid ? `${pid}` : `${pid}/task/${thread}`;
    using root = openRoot(process);
    using own = openRoot('self');
    if (rootKey(root, process) === rootKey(own, 'self')) return undefined;
    // Ours first, so that no others leave no room for them
    this.#of(own, 'self');
    return this.#of(root, process);
  }

  /** Our own. @throws SyscallError without /proc */
  get ours(): Accounts {
    using root = openRoot('self');
    return this.#of(root, 'self');
  }

  #of(root: Fd, process: string): Accounts {
    const key = rootKey(root, process);
    let accounts = this.#byRoot.get(key);
    if (accounts === undefined) {
      const read = (kind: AccountFile): AccountNames => {
        const found = reading(() => this.#find(root, process, kind));
        return 'value' in found ? found.value : { names: found };
      };
      this.#byRoot.set(key, (accounts = { passwd: read('passwd'), group: read('group') }));
    }
    return accounts;
  }

  /** @throws SyscallError as {@link openPath} */
  #find(root: Fd, process: string, kind: AccountFile): AccountNames {
    const { path } = accountFiles[kind];
    const subject = `/proc/${process}/root${path}`;
    using file = openPath(Buffer.from(path), subject, root);
    const { device, inode } = statusOf(file);
    const key = `${kind} ${device} ${inode}`;
    let found = this.#byFile.get(key);
    if (found === undefined) {
      const content = reading(() => readRegularFile(file, Math.min(mostAccountBytes.file, this.#left), subject));
      this.#left -= 'value' in content ? content.value.length : 0;
      this.#byFile.set(key, (found = { names: mapReading(content, (bytes) => namesIn(bytes, kind)) }));
    }
    return found;
  }
}

/** Opened, so that it is the root which is compared and no other: its process may change it meanwhile. */
function openRoot(process: string): Fd {
  return openFile(`/proc/${process}/root`, uapi.O_PATH | uapi.O_DIRECTORY);
}

/** A mount is of one mount namespace. Before Linux 5.8 its number is not told. */
function rootKey(root: Fd, process: string): string {
  const { mount, device, inode } = statusOf(root);
  return `${mount === 0n ? process : mount} ${device} ${inode}`;
}
