import type { Connection } from './connections.js';

/** Whether it is a listener, or a datagram socket that receives. */
export function isListening({ kind }: Connection): boolean {
  return kind === 'listener' || kind === 'receiver';
}

/** Whether it has another end: accepted, waiting, or a sender of datagrams. */
export function isConnected({ kind }: Connection): boolean {
  return kind === 'connection' || kind === 'waiting' || kind === 'sender';
}
