import { type Problem, wrongUsage } from '../words/problem.js';

/** Every command, as oclif's manifest has them. */
export const commandNames: readonly string[] = ['doctor', 'inspect', 'listen', 'race', 'scan', 'send'];

/**
 * What to say where oclif finds no command. It takes all words before the first flag for the command's name,
 * unless there is one that takes arguments.
 *
 * @param args - as they were typed
 */
export function unknownCommand([first = '', second = '']: readonly string[]): Problem {
  if (commandNames.includes(first)) {
    return wrongUsage(`Unexpected argument: ${second}`, `\`peerpid ${first} --help\` tells what there is.`);
  }
  if (first.startsWith('-')) {
    return wrongUsage(
      `${first} stands where a command is to be`,
      'Options follow the command, as in `peerpid inspect --json SOCKET`; `peerpid --help` tells what there is.',
    );
  }
  return wrongUsage(
    `there is no command ${first}`,
    `There are ${commandNames.join(', ')}; \`peerpid --help\` tells what each does.`,
  );
}
