import type { Verdict } from './verdict.js';

/** What is known of a client, and of the polkit that is asked about it. */
export interface PolkitEvidence {
  /** Whether the polkit that is installed asks the bus for pidfds; undefined where that is not known, or none is. */
  readonly usesPidfds: boolean | undefined;
  /** `polkit 122`, or `polkit` where its version is not known. */
  readonly polkit: string;
  readonly hasPidfd: boolean;
  /** On what the bus gave. */
  readonly verdict: Verdict;
  /** Of the kernel's records; undefined where there is none, or where they do not agree. */
  readonly kernels: Verdict | undefined;
  readonly pid: number | undefined;
  readonly uid: number | undefined;
  /** Who has the PID now: its name; undefined where nobody has it, or where the PID is none of ours. */
  readonly named: string | undefined;
}

/** What polkit goes by, whether that can deceive it, and why. */
export interface PolkitJudgement {
  readonly goesBy: 'pidfd' | 'start-time' | 'nothing' | 'not-known';
  readonly deceived: 'no' | 'possible' | 'yes' | 'not-known';
  readonly text: string;
}

/**
 * Which process polkit takes for a client, where a service asks about that by the unique name. src/polkit/polkitsystembusname.c and
 * polkitunixprocess.c of polkit 126, which asks for ProcessFD from 124 on; without it, it opens what has the PID then.
 */
export function judgePolkit(evidence: PolkitEvidence): PolkitJudgement {
  const { pid, uid, polkit, hasPidfd, usesPidfds } = evidence;
  const user = uid === undefined ? '' : ` The user is uid ${uid} in any case, by the word of the bus.`;
  if (hasPidfd && usesPidfds === true) {
    const ended = ['exited', 'recycled'].includes(evidence.verdict) ? ' Its process has ended.' : '';
    return {
      goesBy: 'pidfd',
      deceived: 'no',
      text: `${polkit} goes by the pidfd that the bus gives, so that no other process is taken for the client.${ended}${user}`,
    };
  }
  if ((pid ?? 0) === 0) {
    return {
      goesBy: 'nothing',
      deceived: 'no',
      text: `The bus gives no PID, so that ${polkit} finds no process.${user}`,
    };
  }
  if (hasPidfd && usesPidfds === undefined) {
    return {
      goesBy: 'not-known',
      deceived: 'not-known',
      text: `The bus gives a pidfd, by which polkit goes from 124 on; which version is installed here is not known.${user}`,
    };
  }
  return { goesBy: 'start-time', ...byStartTime(evidence, user) };
}

function byStartTime(
  { polkit, pid = 0, hasPidfd, kernels, verdict, named }: PolkitEvidence,
  user: string,
): Pick<PolkitJudgement, 'deceived' | 'text'> {
  const why = hasPidfd ? 'which does not ask the bus for pidfds' : 'since the bus gives no pidfd';
  const way = `${polkit}, ${why}, goes by PID ${pid}, and by when the process started that has it when polkit looks.`;
  const known = hasPidfd ? verdict : kernels;
  const decides = `${user} The PID decides which session it is in, whether that is active, and what rules see of the process.`;
  if (named === undefined) {
    return {
      deceived: 'possible',
      text: `${way} Nobody has it now, so that polkit finds nobody; a process that gets it until then is taken for the client.${decides}`,
    };
  }
  switch (known) {
    case 'recycled':
    case 'contradicted':
      return { deceived: 'yes', text: `${way} That is ${named}, which is not the client.${decides}` };
    case 'pinned':
      return {
        deceived: 'possible',
        text: `${way} Now that is the client; if it ends, and another process gets the PID before polkit looks, that one is taken for it.${decides}`,
      };
    default:
      return {
        deceived: 'not-known',
        text: `${way} Now that is ${named}; whether it is the client is not known.${decides}`,
      };
  }
}
