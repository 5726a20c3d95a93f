import type { Candidate } from '../../../scanning/unreached/candidates.js';
import type { Unreached } from '../../../scanning/unreached/unreached.js';
import { formatAddress } from '../../../socket/address.js';
import { textOf } from '../../../words/text.js';

/** What happened and what to do, in a sentence each. */
export type Words = readonly [message: string, hint: string];

/** `Process 42 (nginx), as well as 2 more,`: as it begins a sentence. */
export function whoHas({ holders, elsewhere }: Candidate): string {
  const [first, ...others] = holders;
  const who = first === undefined ? 'A process that was not seen' : `Process ${first.pid} (${textOf(first.comm)})`;
  const more = others.length === 0 ? '' : `, as well as ${others.length} more,`;
  return `${who}${more}${elsewhere === undefined ? '' : `${more === '' ? ',' : ''} in network namespace ${elsewhere},`}`;
}

/** A command of peerpid's on an address, as it is typed in a shell. */
export function inspectCommand(address: string): string {
  return `\`peerpid inspect ${/^[\w@%+=:,./-]+$/.test(address) ? address : `'${address.replaceAll("'", "'\\''")}'`}\``;
}

/** How a candidate is looked at by one of its descriptors, for which nobody needs its path. */
export function inspectDescriptor({ holders: [holder] }: Candidate): string | undefined {
  const [fd] = holder?.fds ?? [];
  return holder === undefined || fd === undefined ? undefined : inspectCommand(`/proc/${holder.pid}/fd/${fd}`);
}

/** The address of a candidate as SOCKET takes it. */
export function shownAddress({ socket }: Candidate): string {
  return formatAddress(socket.address) ?? '';
}

/** What was not looked at, of which what was meant may be; empty where all was. */
export function unseenWords({ list, networkNamespaces, cut }: Unreached['unseen']): string {
  if (list) return "The kernel's list of sockets, which may show more, is not available.";
  const byRoot = process.geteuid?.() === 0 ? '' : ' (root may)';
  return sentences(
    networkNamespaces
      ? `Not all network namespaces could be looked into${byRoot}, and it may be in one of those.`
      : undefined,
    cut ? 'There are more sockets, namespaces or processes than peerpid looks at for an error.' : undefined,
  );
}

/** Sentences one behind the other. */
export function sentences(...parts: readonly (string | undefined)[]): string {
  return parts.filter(Boolean).join(' ');
}
