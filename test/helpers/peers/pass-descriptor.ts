import { freshName } from './connected.js';
import type { Peer } from './peer.js';

/** Passes a descriptor from one peer to another by SCM_RIGHTS, over a connection of its own. @returns which it is there */
export async function passDescriptor(from: Peer, fd: number, to: Peer): Promise<number> {
  const name = freshName();
  const listener = await to.number('listen', name);
  const channel = await from.number('connect', name);
  const accepted = await to.number('accept', listener);
  await from.do('sendmsg', channel, 'here', { pass: [fd] });
  const [taken = -1] = (await to.do('takePassed', accepted)) as number[];
  for (const [peer, end] of [
    [from, channel],
    [to, accepted],
    [to, listener],
  ] as const) {
    await peer.do('close', end);
  }
  return taken;
}
