import { serviceKey } from '../../connections/by-service.js';
import { isListening } from '../../connections/connection-kinds.js';
import type { Connection } from '../../connections/connections.js';
import type { Actors } from './graph-actors.js';
import { type Closeness, programKey } from './graph-groups.js';
import { type DrawnGraph, GraphNodes, type Link, linksOf } from './graph-nodes.js';

/** The most boxes of a graph that is to be readable. */
export const mostBoxes = 60;

/** Where there are more: how many programs, those with the most connections, have a box of their own. */
const mostAlone = 35;

/** What of a scan is drawn, and how much of it is not. */
export interface ChosenGraph extends DrawnGraph {
  readonly closeness: Closeness;
  readonly leftOut: {
    /** Listeners and receivers without a client. */
    readonly idle: number;
    /** Connections without a name within one program. */
    readonly within: number;
  };
}

/**
 * Chooses what is drawn: of connections those between programs, and of listeners those that have clients or deceive.
 * Where there is nothing of it, or each is wanted, it is all that there is.
 */
export function chooseGraph(connections: readonly Connection[], actors: Actors, each: boolean): ChosenGraph {
  const all = linksOf(connections, actors);
  const between = each ? all : all.filter((link) => link.deceives || !isWithin(link));
  const links = between.length === 0 ? all : between;
  const listening = connections.filter(isListening);
  const served = new Set(links.flatMap(({ connection }) => addressKey(connection) ?? []));
  const isServed = (one: Connection): boolean => served.has(addressKey(one) ?? '');
  for (const listener of listening) {
    if (isServed(listener)) for (const actor of actors.ofEnd('service', listener)) actor.serves = true;
  }
  const showsIdle = each || links.length === 0;
  // Of a service that was seen also who listens and accepts nothing itself
  const isOfService = (one: Connection): boolean =>
    one.kind === 'listener' && isServed(one) && one.service?.holders.length !== 0;
  const isShown = (one: Connection): boolean => showsIdle || one.service?.deceives === true || isOfService(one);
  const listeners = listening.filter(isShown);
  const drawn = (nodes: GraphNodes): GraphNodes => {
    for (const link of links) nodes.addLink(link);
    for (const listener of listeners) nodes.addListener(listener, actors);
    return nodes;
  };
  const leftOut = {
    idle: listening.filter((one) => !isShown(one) && !isServed(one)).length,
    within: all.length - links.length,
  };
  const first = each ? 'each' : 'place';
  const fine = drawn(new GraphNodes(first));
  if (each || fine.groupCount <= mostBoxes) return { ...fine.drawn, closeness: first, leftOut };
  const coarse = drawn(new GraphNodes('program'));
  if (coarse.groupCount <= mostBoxes) return { ...coarse.drawn, closeness: 'program', leftOut };
  const targets = targetsOf(links);
  for (const program of coarse.heaviest(mostAlone)) targets.delete(program);
  const whole = drawn(new GraphNodes('targets', targets));
  if (whole.groupCount <= mostBoxes) return { ...whole.drawn, closeness: 'targets', leftOut };
  const kept = new Set(whole.heaviest(mostBoxes - 1));
  return { ...drawn(new GraphNodes('targets', targets, kept)).drawn, closeness: 'targets', leftOut };
}

/** Whether it has no name and both its ends are one program's. */
function isWithin({ connection: { service, client }, from, to }: Link): boolean {
  if (service?.address !== undefined || client?.address !== undefined) return false;
  const programs = new Set([...from, ...to].map(({ program, user }) => JSON.stringify([program, user])));
  return programs.size === 1 && from.every(({ kind }) => kind === 'process');
}

/** By what a listener and its connections are known to belong together; nothing without a name. */
function addressKey({ service }: Connection): string | undefined {
  return service?.address === undefined ? undefined : serviceKey(service, service.address);
}

/** By program, to which programs those of it connect; nothing of those that are connected to. */
function targetsOf(links: readonly Link[]): Map<string, string> {
  const targets = new Map<string, Set<string>>();
  const serving = new Set<string>();
  for (const { from, to } of links) {
    const services = to.map(programKey);
    for (const service of services) serving.add(service);
    for (const client of from.map(programKey)) {
      const known = targets.get(client) ?? new Set();
      targets.set(client, known);
      for (const service of services) known.add(service);
    }
  }
  for (const service of serving) targets.delete(service);
  return new Map([...targets].map(([client, services]) => [client, JSON.stringify([...services].sort())]));
}
