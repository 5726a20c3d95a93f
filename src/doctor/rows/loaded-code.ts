import { environment } from '../../words/environment.js';
import { doesNot, type Row, works } from '../row.js';

/** Environment variables by which other code comes into peerpid's process, and how. node(1), ld.so(8) */
const variables = {
  NODE_OPTIONS: 'it can make Node load any other code into peerpid, or open it to a debugger',
  NODE_PATH: 'Node looks there, too, for a module that is not beside peerpid',
  LD_PRELOAD: 'its libraries are loaded first, and can answer in place of the C library',
  LD_LIBRARY_PATH: 'the C library and others are looked for there first',
  LD_AUDIT: 'its libraries see every other one that is loaded, and may replace it',
} as const;

export const loadedCode: Row = {
  id: 'environment',
  group: 'system',
  name: 'variables that load code',
  tried: Object.keys(variables).join(', '),
  without: 'Whether the output is peerpid’s own: whoever sets such a variable can decide what it does and says.',
  try: () => {
    const set = Object.entries(variables).filter(([name]) => environment(name as keyof typeof variables) !== undefined);
    if (set.length === 0) return works(`none of these is set: ${Object.keys(variables).join(', ')}`);
    return doesNot(
      set.map(([name, what]) => `${name} is set: ${what}.`).join(' '),
      `\`env ${set.map(([name]) => `-u ${name}`).join(' ')} peerpid doctor\`.`,
    );
  },
};
