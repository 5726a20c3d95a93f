/** What the running kernel gives, asked of itself, for tests that need it or expect another verdict without it. */
import type { Judgement, Verdict } from '../../../src/verdict/verdict.js';
import * as ask from './questions/pidfds.js';
import { requireThat } from './requirements.js';

const questions = {
  'a pidfd of a peer': async () => (await ask.peerPidfdOf('alive')) === 'a pidfd',
  'a pidfd of a peer that is reaped': async () => (await ask.peerPidfdOf('reaped')) === 'a pidfd of nobody',
  'a pidfd of a sender': async () => (await ask.messagePidfdOf('alive')) === 'a pidfd',
  'a pidfd of a sender that is reaped': async () => (await ask.messagePidfdOf('reaped')) === 'a pidfd of nobody',
  'ids (PIDFD_GET_INFO)': async () => (await ask.infoOf('alive', 2)).startsWith('mask'),
  'exit statuses (PIDFD_GET_INFO)': async () => (await ask.infoOf('ended', 8)).startsWith('mask'),
} as const satisfies Record<string, () => Promise<boolean>>;

export type Gift = keyof typeof questions;

const answers = new Map<Gift, Promise<boolean>>();

/** Whether the kernel gives this; it is asked once. */
export function kernelGives(gift: Gift): Promise<boolean> {
  let answer = answers.get(gift);
  if (answer === undefined) {
    answer = questions[gift]();
    answers.set(gift, answer);
  }
  return answer;
}

/** Skips the test where the kernel does not give this. */
export async function requireKernel(context: Mocha.Context, gift: Gift): Promise<void> {
  requireThat(context, await kernelGives(gift), `the kernel does not give ${gift}`);
}

/** The verdict on a peer, or on a message's sender, as far as this kernel lets one say. */
export async function verdictOf(who: 'peer' | 'sender', verdict: Verdict): Promise<Judgement> {
  if (!(await kernelGives(`a pidfd of a ${who}`))) return { verdict: 'unpinned', basis: 'credential' };
  const ended = verdict === 'exited' || verdict === 'recycled';
  const refused = ended && !(await kernelGives(`a pidfd of a ${who} that is reaped`));
  return { verdict, basis: refused ? 'refusal' : 'pidfd' };
}
