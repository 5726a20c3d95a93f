/** Writes an archive that the kernel unpacks into its first root file system: Documentation/driver-api/early-userspace/buffer-format.rst. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const directory = 0o040000;
const regular = 0o100000;
const link = 0o120000;
const characterDevice = 0o020000;

/** What the device files are that the kernel wants before anything is mounted. */
export interface Device {
  readonly major: number;
  readonly minor: number;
}

interface Member {
  readonly mode: number;
  readonly data?: Buffer;
  readonly device?: Device;
}

/** An archive of the format `newc`, in which everything is root's. Directories are made as they are needed. */
export class CpioWriter implements Disposable {
  readonly #fd: number;
  readonly #written = new Set<string>(['']);
  #members = 0;

  /** @param path - where the archive goes; it must not exist */
  constructor(path: string) {
    this.#fd = openSync(path, 'wx');
  }

  /** @param path - absolute; what was written there before stays */
  file(path: string, data: Buffer, mode = 0o644): void {
    this.#write(path, { mode: regular | mode, data });
  }

  copy(from: string, path: string, mode: number): void {
    if (!this.has(path)) this.file(path, readFileSync(from), mode & 0o7777);
  }

  symlink(path: string, target: string): void {
    this.#write(path, { mode: link | 0o777, data: Buffer.from(target) });
  }

  directory(path: string, mode = 0o755): void {
    this.#write(path, { mode: directory | mode });
  }

  characterDevice(path: string, device: Device): void {
    this.#write(path, { mode: characterDevice | 0o600, device });
  }

  has(path: string): boolean {
    return this.#written.has(withoutRoot(path));
  }

  #write(path: string, member: Member): void {
    const name = withoutRoot(path);
    if (this.#written.has(name)) return;
    const parent = name.slice(0, Math.max(0, name.lastIndexOf('/')));
    if (!this.#written.has(parent)) this.directory(parent);
    this.#written.add(name);
    this.#append(name, member);
  }

  /** The header: a magic number and thirteen fields, each eight hexadecimal digits. */
  #append(name: string, { mode, data = Buffer.alloc(0), device }: Member): void {
    this.#members += 1;
    const [major, minor] = [device?.major ?? 0, device?.minor ?? 0];
    const fields = [this.#members, mode, 0, 0, 1, 0, data.length, 0, 0, major, minor, Buffer.byteLength(name) + 1, 0];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
    this.#put(Buffer.from(`${header}${name}\0`));
    this.#put(data);
  }

  /** Header and data begin at multiples of four. */
  #put(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) at += writeSync(this.#fd, bytes, at);
    const rest = bytes.length % 4;
    if (rest > 0) writeSync(this.#fd, Buffer.alloc(4 - rest));
  }

  [Symbol.dispose](): void {
    this.#append('TRAILER!!!', { mode: 0 });
    closeSync(this.#fd);
  }
}

function withoutRoot(path: string): string {
  return path.replace(/^\/+/, '');
}
