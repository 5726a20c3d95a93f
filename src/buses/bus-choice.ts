import type { BusConnectionDocument } from '../document/bus-document.js';
import { isPid } from './bus-problem.js';
import type { BusClient } from './bus-said.js';

/** Which connections are wanted: all, or those of names and PIDs. */
export class BusChoice {
  readonly #hasPid: boolean;

  /** @param wanted - names and PIDs; all connections where it is empty */
  constructor(private readonly wanted: readonly string[]) {
    this.#hasPid = wanted.some(isPid);
  }

  /** Whether a connection may be wanted, before its PID is known. */
  mayTake(client: BusClient): boolean {
    return this.#hasPid || this.#takesName(client);
  }

  takes(connection: BusConnectionDocument): boolean {
    return this.#takesName(connection) || this.wanted.some((word) => isOf(word, connection));
  }

  /** What is of none of these. */
  missingFrom(connections: readonly BusConnectionDocument[]): readonly string[] {
    return this.wanted.filter((word) => !connections.some((connection) => isOf(word, connection)));
  }

  #takesName({ uniqueName, names }: BusClient): boolean {
    return this.wanted.length === 0 || [uniqueName, ...names].some((name) => this.wanted.includes(name));
  }
}

function isOf(word: string, { uniqueName, names, credentials }: BusConnectionDocument): boolean {
  return isPid(word) ? credentials?.pid === Number(word) : uniqueName === word || names.includes(word);
}
