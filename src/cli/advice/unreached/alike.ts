import type { Candidate } from '../../../scanning/unreached/candidates.js';
import type { Unreached } from '../../../scanning/unreached/unreached.js';
import { escapedName } from '../../../words/text.js';
import { shownAddress, inspectCommand, inspectDescriptor, sentences, whoHas } from './candidate-words.js';

/** A socket that is not at the address, and how it is reached. */
export function otherWords(why: Unreached, first: Candidate): string {
  const { likeness, count } = why;
  const who = whoHas(first);
  const address = shownAddress(first);
  const more = count > 1 ? `There are ${count - 1} more.` : undefined;
  switch (likeness) {
    case 'named':
      return sentences(`${who} has a socket that was bound to that path${becameOf(why, first)}.`, wayTo(why, first));
    case 'cut':
      return sentences(
        `${who} has a socket at the first ${Buffer.byteLength(address)} bytes of it, as when a program cuts a path without saying so: ${inspectCommand(address)}.`,
      );
    case 'padded':
      return `${who} has that name with another number of NUL bytes at its end, which are part of an abstract name: ${inspectCommand(address)}.`;
    case 'other-kind':
      return first.socket.address.kind === 'path'
        ? `${who} has that path, which is not an abstract name: ${inspectCommand(address)}.`
        : `${who} has that abstract name, which has no file: ${inspectCommand(address)}.`;
    case 'misspelt':
      return sentences(`Did you mean ${address}? ${who} has it.`, more);
    case 'namesake':
      return sentences(`${who} has a socket of that name in another directory: ${address}.`, more);
    case 'bound':
    case 'remade':
    case undefined:
      return sentences(`${who} has it at ${address}.`, more);
  }
}

/** What became of the file of a socket that was bound to the path. */
function becameOf({ became }: Unreached, { socket }: Candidate): string {
  const takes = socket.type === 'dgram' || socket.state === 'listening' ? '' : ', and does not listen';
  switch (became?.there) {
    case 'deleted':
      return `${takes}; its file was deleted`;
    case 'replaced':
      return `${takes}; ${became.deleted ? 'its file was deleted, and' : ''} another file has its path`;
    case 'moved':
      return `${takes}; its file was renamed to ${escapedName(became.to)}`;
    case 'missing':
    case 'bound':
    case undefined:
      return takes;
  }
}

function wayTo({ became, way }: Unreached, first: Candidate): string | undefined {
  if (way !== undefined) return `It is reached by ${inspectCommand(escapedName(way))}.`;
  const descriptor = inspectDescriptor(first);
  const look = descriptor === undefined ? undefined : `${descriptor} shows it.`;
  if (became?.there === 'deleted' || (became?.there === 'replaced' && became.deleted))
    return sentences('No path leads to it any more: start the service again, which creates a new file.', look);
  return sentences('No path was found that leads to it from here.', look);
}
