import { get, type IncomingMessage } from 'node:http';

import { limit } from '../../native-probe/calls/patience.js';
import type { Container } from '../document/container.js';
import { textOf } from '../words/text.js';

/** What an engine said of a container: both are absent where it has none of that id, or where there is no engine. */
export interface EngineAnswer {
  readonly names?: Pick<Container, 'name' | 'image'>;
  readonly error?: { readonly reason: string; readonly code?: string };
}

/** Bytes: an answer has some tens of thousands. */
export const longestEngineAnswer = 1024 * 1024;

/** Characters of a name: longer ones are none. */
export const longestEngineName = 1024;

/**
 * Asks docker, or podman which answers as docker does, for a container: GET /containers/ID/json on its socket, as
 * ContainerInspect of docker's API has it. It is waited for a second at most.
 *
 * @param id - 64 hexadecimal digits
 */
export async function askEngine(socketPath: string, id: string): Promise<EngineAnswer> {
  const signal = AbortSignal.timeout(limit);
  try {
    const body = await bodyOf(await responseOf(socketPath, `/containers/${id}/json`, signal));
    return body === undefined ? {} : { names: namesIn(body, id) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    // No engine runs
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return {};
    if (signal.aborted) return { error: { reason: `${socketPath}: given up: it does not answer`, code: 'ETIMEDOUT' } };
    return { error: { reason: `${socketPath}: ${error.message}`, ...(code !== undefined && { code }) } };
  }
}

function responseOf(socketPath: string, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path, signal, agent: false, headers: { host: 'localhost' } }, resolve).on('error', reject);
  });
}

/** @returns undefined where there is no such container */
async function bodyOf(response: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > longestEngineAnswer) throw new Error(`its answer is longer than ${longestEngineAnswer} bytes`);
    chunks.push(chunk);
  }
  if (response.statusCode === 404) return undefined;
  if (response.statusCode !== 200) throw new Error(`it answered with HTTP status ${response.statusCode ?? 0}`);
  return Buffer.concat(chunks);
}

/** @throws Error where the answer is not of this container */
function namesIn(body: Buffer, id: string): Pick<Container, 'name' | 'image'> {
  const answer: unknown = JSON.parse(body.toString('utf8'));
  if (fieldOf(answer, 'Id') !== id) throw new Error('it answered for another container');
  const name = nameFrom(fieldOf(answer, 'Name'), /^\//);
  const image = nameFrom(fieldOf(fieldOf(answer, 'Config'), 'Image'));
  return { ...(name !== undefined && { name }), ...(image !== undefined && { image }) };
}

function fieldOf(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? (of as Readonly<Record<string, unknown>>)[name] : undefined;
}

function nameFrom(value: unknown, without = /^$/): string | undefined {
  if (typeof value !== 'string' || value.length > longestEngineName) return undefined;
  const name = value.replace(without, '');
  return name === '' ? undefined : textOf(Buffer.from(name));
}
