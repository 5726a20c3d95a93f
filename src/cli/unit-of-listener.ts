import type { InspectDocument, SocketUnitDocument } from '../document/inspect-document.js';
import { listSockets, systemdRuns, userManagerRuns } from './ask-systemctl.js';

/**
 * The socket unit of a listener that a systemd manager has: it was the manager that called listen(2), which is what clients
 * see. Only then is systemctl(1) asked, and whatever keeps it from telling, such as another format, leaves the unit unsaid.
 */
export async function unitOfListener(document: InspectDocument): Promise<SocketUnitDocument | undefined> {
  const manager = managerOf(document);
  if (manager === undefined) return undefined;
  const answer = await listSockets(manager);
  return typeof answer === 'string' ? undefined : unitIn(answer.output, document.socket.address);
}

function managerOf({ socket, recordedBy, credential, byPidfd }: InspectDocument): 'system' | 'user' | undefined {
  if (socket.state !== 'listening' || recordedBy !== 'listen(2)' || byPidfd?.comm !== 'systemd') return undefined;
  if (credential?.pid === 1) return systemdRuns() ? 'system' : undefined;
  return credential?.uid === process.geteuid?.() && userManagerRuns() ? 'user' : undefined;
}

/** @param output - of `systemctl list-sockets --output=json` */
function unitIn(output: string, address: string | null | undefined): SocketUnitDocument | undefined {
  const found = linesOf(output).find(({ listen }) => listen === address);
  if (typeof found?.unit !== 'string') return undefined;
  return { unit: found.unit, ...(typeof found.activates === 'string' && { starts: found.activates }) };
}

interface Line {
  readonly listen?: unknown;
  readonly unit?: unknown;
  readonly activates?: unknown;
}

/** Before systemd 248 it prints a table all the same. */
function linesOf(output: string): readonly Line[] {
  try {
    const lines: unknown = JSON.parse(Buffer.from(output, 'latin1').toString());
    return Array.isArray(lines) ? lines.filter((line): line is Line => typeof line === 'object' && line !== null) : [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [];
  }
}
