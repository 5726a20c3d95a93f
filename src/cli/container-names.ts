import type { Container } from '../document/container.js';
import type { InspectDocument } from '../document/inspect-document.js';
import type { ProcessDocument } from '../document/process-document.js';
import type { Unavailable } from '../document/unavailable.js';
import type { EngineAnswer } from './ask-engine.js';

/** The sockets of engines that run as root. dockerd(8), podman-system-service(1) */
const sockets: Readonly<Record<string, string>> = { docker: '/run/docker.sock', podman: '/run/podman/podman.sock' };

const columns = ['byPid', 'byPidfd'] as const;

/**
 * The inspection with the names and images that docker and podman have for the containers in it. Nobody is asked but of
 * a container whose cgroup root has named.
 */
export async function withContainerNames(document: InspectDocument): Promise<InspectDocument> {
  if (!columns.some((column) => askable(document[column]))) return document;
  const { askEngine } = await import('./ask-engine.js');
  const asked = new Map<string, Promise<EngineAnswer>>();
  const unavailable: Unavailable[] = [];
  const named = async (column: (typeof columns)[number]): Promise<ProcessDocument | null> => {
    const process = document[column];
    const of = askable(process);
    if (of === undefined) return process;
    const { container, socket } = of;
    const answer = asked.get(container.id) ?? askEngine(socket, container.id);
    asked.set(container.id, answer);
    const { names, error } = await answer;
    if (error !== undefined) unavailable.push({ fact: `${column}.container.name`, ...error });
    return { ...process, container: { ...container, ...names } } as ProcessDocument;
  };
  const [byPid, byPidfd] = [await named('byPid'), await named('byPidfd')];
  return { ...document, byPid, byPidfd, unavailable: [...document.unavailable, ...unavailable] };
}

/** What is to be asked of whom: below a user's manager the id is that user's to choose, and so is who answers. */
function askable(process: ProcessDocument | null): { container: Container; socket: string } | undefined {
  if (!process?.container || process.unit?.startsWith('user@') === true) return undefined;
  const socket = sockets[process.container.runtime];
  return socket === undefined ? undefined : { container: process.container, socket };
}
