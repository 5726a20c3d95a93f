import { execFile } from 'node:child_process';
import { extname } from 'node:path';
import { promisify } from 'node:util';

import { exitStatuses, Problem } from '../words/problem.js';
import { findProgram } from './find-program.js';

/** What dot(1) can make of a graph, by the end of the file's name. */
const pictures = ['svg', 'png', 'pdf'] as const;
type Picture = (typeof pictures)[number];

/** The kind of picture that the end of a file's name asks for; undefined where the file is to have the graph as text. */
export function pictureFor(path: string): Picture | undefined {
  return pictures.find((picture) => extname(path).toLowerCase() === `.${picture}`);
}

const run = promisify(execFile);

/**
 * Has Graphviz draw a graph.
 *
 * @param graph - in its language, DOT
 * @throws Problem when dot is not installed, may not be run, or cannot do it
 */
export async function drawGraph(graph: string, picture: Picture): Promise<Buffer> {
  // A picture of a busy machine is many megabytes
  const drawing = run(findDot(), [`-T${picture}`], { encoding: 'buffer', maxBuffer: Infinity });
  // When dot ends before it has read all, its own message says more than the broken pipe
  drawing.child.stdin?.on('error', () => undefined).end(graph);
  try {
    return (await drawing).stdout;
  } catch (error) {
    throw notDrawn(error, picture);
  }
}

/** @throws Problem where there is none, or none that may be run */
function findDot(): string {
  const found = findProgram('dot', 'dot of Graphviz');
  if ('path' in found) return found.path;
  throw new Problem(
    'NO_DOT',
    found.refusal ?? 'dot of Graphviz, which draws pictures, is not installed',
    found.refusal === undefined
      ? 'Install graphviz; or name a file that ends in .dot, which is drawn elsewhere by dot -Tsvg.'
      : 'Use a $PATH of directories that only root can change, such as /usr/bin; or name a file that ends in .dot.',
    exitStatuses.couldNotLook,
  );
}

function notDrawn(error: unknown, picture: Picture): unknown {
  if (!(error instanceof Error)) return error;
  const { code, signal, stderr } = error as { code?: unknown; signal?: unknown; stderr?: unknown };
  const [said = ''] = Buffer.isBuffer(stderr) ? stderr.toString().trim().split('\n') : [];
  const end = typeof signal === 'string' ? `was ended by ${signal}` : `failed: ${said === '' ? String(code) : said}`;
  return new Problem(
    'NOT_DRAWN',
    `dot -T${picture} ${end}`,
    'A file that ends in .dot gets the graph as dot would read it. Fewer connections (--socket, --pid …) need less.',
    exitStatuses.couldNotLook,
  );
}
