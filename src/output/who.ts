/**
 * Processes, holders and containers in a few words, the same in every table, line and picture. Names that
 * others chose are sanitised here.
 */
import type { Backlog } from '../../native-probe/diag-socket.js';
import type { Container } from '../document/container.js';
import type { ProcessDocument } from '../document/process-document.js';
import type { HolderDocument } from '../document/socket-document.js';
import type { ExitStatus } from '../identity/wait-status.js';
import { fewOf } from '../words/few.js';
import { activityText } from '../words/activity-text.js';
import { counted } from '../words/counted.js';
import { sanitise } from '../words/sanitise.js';
import { safe } from './safe.js';
import { cut } from './width.js';

/** `postgres 612`: a process by its name, `?` if that is not known, and its number if it has one here. */
export function processName({ comm, pid }: Pick<ProcessDocument, 'comm' | 'pid'>): string {
  if (pid === undefined) return comm === undefined ? 'a process' : safe(comm);
  return `${safe(comm ?? '?')} ${pid}`;
}

/**
 * A holder, and by which of its descriptors it has the socket open: `postgres 612 (fd 3 4)`, `app 9 (thread 12, fd 3)`,
 * `app 9 (registered with its io_uring, fd 4)`, `app 9 (stopped, fd 3)`.
 */
export function holderText(holder: HolderDocument): string {
  const { thread, ioUring, fds, activity, givenAs } = holder;
  const keeps = activity === undefined ? '' : `${activityText[activity]}, `;
  const of = thread === undefined ? keeps : `${keeps}thread ${thread}, `;
  const at =
    ioUring === undefined ? `fd ${fewOf(fds, String).join(' ')}` : `registered with its io_uring, fd ${ioUring}`;
  const given =
    givenAs === undefined
      ? ''
      : givenAs === null
        ? ', given at its start'
        : `, given as ${cut(safe(givenAs), widestName)}`;
  return `${processName(holder)} (${of}${at}${given})`;
}

/** `postgres 612 +2`: the first of a socket's holders and how many more there are, or `?` where none was seen. */
export function holdersInBrief([first, ...others]: readonly HolderDocument[]): string {
  if (first === undefined) return '?';
  return others.length === 0 ? processName(first) : `${processName(first)} +${others.length}`;
}

/** The most columns of the name of a user or group, which may be of any length. */
export const widestName = 64;

/** An id with its name, if it has one: `root (0)`. */
export function idText(id: number, name: string | undefined): string {
  return name === undefined ? String(id) : `${cut(safe(name), widestName)} (${id})`;
}

/** How much of a container's id is shown, as by docker(1) and podman(1). A name is whole: it may be cut in an escape. */
const idLength = 12;
const hexadecimal = /^[0-9a-f]+$/;

/**
 * `docker f75aff467357`, `docker web (f75aff467357)`
 *
 * @param gap - between the runtime and the id; not a blank where blanks separate values
 */
export function containerText({ runtime, id, name }: Container, gap = ' '): string {
  const shownId = hexadecimal.test(id) ? id.slice(0, idLength) : sanitise(id);
  return `${runtime}${gap}${name === undefined ? shownId : `${cut(sanitise(name), widestName)}${gap}(${shownId})`}`;
}

/**
 * The unit of a process, and of one that a user's own systemd started also the unit there:
 * `user@1000.service/app.service`. Any user can choose the name of a unit of its own, so that never stands
 * without the unit that the system named.
 *
 * @returns undefined where there is none, or it is not known
 */
export function unitText({ unit, userUnit }: Pick<ProcessDocument, 'unit' | 'userUnit'>): string | undefined {
  if (!unit) return undefined;
  return safe(userUnit ? `${unit}/${userUnit}` : unit);
}

/** Where a process belongs: its unit and its container, those that there are. */
export function placesOf(process: Pick<ProcessDocument, 'unit' | 'userUnit' | 'container'>): string[] {
  const { container } = process;
  return [unitText(process), container ? containerText(container) : undefined].filter((place) => place !== undefined);
}

/** `3 clients waiting (backlog 16)`, `1 client waiting, 2 gone (backlog 16)`: undefined where nobody has a place. */
export function backlogText({ waiting, gone = 0, most }: Backlog): string | undefined {
  if (waiting + gone === 0) return undefined;
  const left = gone === 0 ? '' : `, ${gone} gone`;
  return `${counted(waiting, 'client')} waiting${left} (backlog ${most})`;
}

/** How a process ended, in words: `with status 7`. */
export function exitText(status: ExitStatus | null): string {
  if (status === null) return 'how is not known';
  if ('code' in status) return `with status ${status.code}`;
  return `by ${status.signal}${status.coreDumped ? ' (core dumped)' : ''}`;
}

/** The state of a process, and how it ended: `exited with status 7`. */
export function stateText({
  state,
  activity,
  exitStatus,
}: Pick<ProcessDocument, 'state' | 'activity' | 'exitStatus'>): string {
  if (state === 'running') return activity ? activityText[activity] : state;
  if (exitStatus === null) return `${state}, ${exitText(null)}`;
  if ('signal' in exitStatus) return `${state}: killed ${exitText(exitStatus)}`;
  return state === 'exited' ? `exited ${exitText(exitStatus)}` : `${state}: exited ${exitText(exitStatus)}`;
}

/** By what a process that has ended can still be named, for a cell of a table: `status 7`, its unit, its container. */
export function whatIsLeft(process: Pick<ProcessDocument, 'exitStatus' | 'unit' | 'userUnit' | 'container'>): string[] {
  const { exitStatus } = process;
  if (exitStatus === null) return placesOf(process);
  return ['code' in exitStatus ? `status ${exitStatus.code}` : exitStatus.signal, ...placesOf(process)];
}

/** `pidfd id 14360`, or nothing where the kernel has no such ids. */
export function pidfdIdText({ pidfdId }: { readonly pidfdId?: number | undefined }): string[] {
  return pidfdId === undefined ? [] : [`pidfd id ${pidfdId}`];
}

/** What there is to say of a process in one line: `postgres 612, pidfd id 14360, postgresql.service`. */
export function processText(
  process: Pick<
    ProcessDocument,
    'comm' | 'pid' | 'pidfdId' | 'state' | 'activity' | 'exitStatus' | 'unit' | 'userUnit' | 'container'
  >,
): string {
  const state = stateText(process);
  return [
    processName(process),
    ...pidfdIdText(process),
    ...placesOf(process),
    ...(state === 'running' ? [] : [state]),
  ].join(', ');
}
