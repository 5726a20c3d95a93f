import { eitherOf } from '../words/listed.js';
import { likelyMeant } from '../words/likely.js';
import { type Problem, wrongUsage } from '../words/problem.js';
import { commandNames, commandsOf, isOptionOfAll } from './typed-words.js';

/**
 * What to say where oclif finds no command. It takes all words before the first flag for the command's name,
 * unless there is one that takes arguments.
 *
 * @param words - as they were typed, the command first
 */
export function unknownCommand([first = '', second = '']: readonly string[]): Problem {
  if (commandNames.includes(first)) {
    return wrongUsage(`${second} is one argument too many`, `\`peerpid ${first} --help\` shows its usage.`);
  }
  if (isOptionOfAll(first)) {
    return wrongUsage('a command or SOCKET is missing', '`peerpid --help` shows all commands.');
  }
  if (first.startsWith('-')) {
    return wrongUsage(
      `${first} is not an option of every command`,
      'Put it after the command, as in `peerpid inspect -t 5 SOCKET`.',
    );
  }
  const short = commandsOf(first);
  if (short.length > 1) return wrongUsage(`${first} may be ${eitherOf(short)}`, 'Type one more letter.');
  const [meant] = likelyMeant(first, commandNames);
  return wrongUsage(
    `there is no command ${first}`,
    meant === undefined
      ? `There are ${commandNames.join(', ')}. If ${first} is a socket, type ./${first}.`
      : `Did you mean \`peerpid ${meant}\`? \`peerpid --help\` shows all commands.`,
  );
}
