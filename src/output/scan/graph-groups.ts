import { counted } from '../../words/counted.js';
import { fewOf } from '../../words/few.js';
import type { Actor, Frame } from './graph-actors.js';

/**
 * How much is brought together, from nothing to as much as it takes: `each` process alone; those of a program, user and
 * unit or container; those of a program and user in whatever units, or containers of a sort; and clients of whatever
 * program that connect to the same services.
 */
export type Closeness = 'each' | 'place' | 'program' | 'targets';

/** Several actors that are one node. */
export interface Group {
  readonly actors: [Actor, ...Actor[]];
  /** Whether they are what remained when there were too many. */
  readonly isRest: boolean;
}

/** What those that are one node have in common. @param targets - what it connects to; undefined for a service */
export function groupKey(actor: Actor, closeness: Closeness, targets: string | undefined): string {
  const { id, kind, program, user, state, frame, userUnit, serves } = actor;
  // Each has a PID for a name
  const name = kind === 'ended' ? '' : program;
  // Two that were not seen may be one or not
  if (closeness === 'each' || (closeness === 'place' && kind === 'unseen')) return id;
  if (closeness === 'place') return JSON.stringify([kind, name, user, state, serves, frame?.text, userUnit]);
  if (closeness === 'targets' && targets !== undefined) return JSON.stringify([kind, state, sortOf(frame), targets]);
  return JSON.stringify([kind, name, user, state, serves, sortOf(frame)]);
}

/** What those have in common that are of one program. */
export function programKey(actor: Actor): string {
  return groupKey(actor, 'program', undefined);
}

function sortOf(frame: Frame | undefined): string | undefined {
  return frame?.kind === 'unit' ? undefined : frame?.sort;
}

/** The most PIDs and programs that a node names. */
const mostInNode = 4;

/** What stands in a node. @param framed - the text of the frame that is drawn around it */
export function groupLines({ actors, isRest }: Group, framed: string | undefined): string[] {
  const [first] = actors;
  const users = distinct(actors.map(({ user }) => user));
  return [
    ...whoLines(actors, isRest),
    ...(users.length > 2 ? [`${users.length} users`] : users),
    ...(actors.every(({ state }) => state === first.state) && first.state !== undefined ? [first.state] : []),
    ...placeLines(actors).filter((line) => line !== framed),
    ...(actors.every(({ userUnit }) => userUnit === first.userUnit) && first.userUnit !== undefined
      ? [first.userUnit]
      : []),
  ];
}

function whoLines(actors: Group['actors'], isRest: boolean): string[] {
  const [{ kind, program, pid }] = actors;
  const programs = distinct(actors.map((actor) => actor.program));
  if (isRest) return [`+ ${counted(programs.length, 'more program')}`, few(programs)];
  if (kind === 'ended' && actors.length > 1) {
    const pids = pidsOf(actors);
    return [`${actors.length} processes`, ...(pids.length === 0 ? [] : [`were PIDs ${few(pids)}`])];
  }
  if (kind === 'unseen' && actors.length > 1) return ['?', `${actors.length} that were not seen`];
  if (programs.length > 1) return [`${programs.length} programs`, few(programs)];
  if (actors.length > 1 && kind === 'process') {
    return [`${program} ×${actors.length}`, `PIDs ${few(pidsOf(actors))}`];
  }
  return [kind === 'process' ? `${program} ${pid ?? '?'}` : program];
}

function few(names: readonly string[]): string {
  return fewOf(names, (name) => name, mostInNode).join(', ');
}

function pidsOf(actors: readonly Actor[]): string[] {
  return actors
    .flatMap(({ pid }) => pid ?? [])
    .sort((a, b) => a - b)
    .map(String);
}

function placeLines(actors: readonly Actor[]): string[] {
  const frames = distinct(actors.map(({ frame }) => frame?.text));
  if (frames.length < 2) return frames;
  const kinds = distinct(actors.map(({ frame }) => frame && (frame.kind === 'container' ? 'containers' : frame.sort)));
  return [`in ${frames.length} ${kinds.length === 1 ? (kinds[0] ?? '') : 'places'}`];
}

/** The frame that a group is drawn in. Containers of a sort are in one where what is in several of them is one node. */
export function groupFrame(
  { actors }: Group,
  closeness: Closeness,
): { readonly key: string; readonly frame: Frame } | undefined {
  const [{ frame }] = actors;
  if (frame === undefined || actors.some((actor) => actor.frame?.sort !== frame.sort)) return undefined;
  if (frame.kind === 'container' && (closeness === 'program' || closeness === 'targets')) {
    return { key: `all ${frame.sort}`, frame };
  }
  return actors.every((actor) => actor.frame?.text === frame.text)
    ? { key: `${frame.kind} ${frame.text}`, frame }
    : undefined;
}

function distinct(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.filter((text) => text !== undefined))];
}
