import * as libc from '../libc.js';

/** Memory that is not JavaScript's: another thread may write there when nobody has the buffers any more. */
export class LastingMemory {
  readonly #buffers: Buffer[] = [];

  allocate(size: number): Buffer {
    const buffer = libc.allocate(size);
    this.#buffers.push(buffer);
    return buffer;
  }

  /** The same, with these bytes. */
  copied(bytes: Buffer): Buffer {
    const copy = this.allocate(bytes.length);
    bytes.copy(copy);
    return copy;
  }

  /** Gives all of it back. Nobody may look at the buffers from then on. */
  free(): void {
    for (const buffer of this.#buffers.splice(0)) libc.free(buffer);
  }
}
