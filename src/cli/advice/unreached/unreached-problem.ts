import { SyscallError } from '../../../../native-probe/syscall-error.js';
import { formatTarget, type Target } from '../../../socket/address.js';
import { Problem } from '../../../words/problem.js';

/** What kept a socket from being reached, where the kernel's list, the mounts and /proc may tell why. */
function obstacleOf(error: unknown): 'missing' | 'refused' | 'elsewhere' | 'in the way' | undefined {
  if (error instanceof Problem) {
    if (error.code === 'OTHER_NAMESPACE') return 'elsewhere';
    return error.code === 'ECONNREFUSED' ? 'refused' : undefined;
  }
  if (!(error instanceof SyscallError)) return undefined;
  if (error.syscall === 'stat' && error.code === 'ENOENT') return 'missing';
  if (error.syscall === 'bind' && error.code === 'EADDRINUSE') return 'in the way';
  return error.syscall === 'connect' && error.code === 'ECONNREFUSED' ? 'refused' : undefined;
}

/** The problem that nobody was reached at an address, with why; undefined for other errors. */
export async function unreachedProblem(error: unknown, target: Target | undefined): Promise<Problem | undefined> {
  if (target?.kind !== 'path' && target?.kind !== 'abstract') return undefined;
  const obstacle = obstacleOf(error);
  if (obstacle === undefined) return undefined;
  const subject = formatTarget(target);
  if (obstacle === 'missing') {
    const { pathWords } = await import('./missing.js');
    const words = pathWords(subject);
    if (words !== undefined) return new Problem('ENOENT', ...words);
  }
  const { whyUnreached } = await import('../../../scanning/unreached/unreached.js');
  const why = whyUnreached(target);
  if (obstacle === 'missing' && target.kind === 'path') {
    const { missingWords } = await import('./missing.js');
    return new Problem('ENOENT', ...missingWords(subject, target.path, why));
  }
  const { elsewhereWords, refusedWords } = await import('./refused.js');
  const [first] = why.candidates;
  // Others may have looked in vain for what root finds
  const isElsewhere = first?.elsewhere !== undefined && why.file !== undefined && why.likeness === 'bound';
  if (isElsewhere && (obstacle === 'elsewhere' || first.socket.state === 'listening'))
    return new Problem('OTHER_NAMESPACE', ...elsewhereWords(subject, first));
  if (obstacle === 'elsewhere') return undefined;
  if (obstacle === 'in the way') {
    const { inTheWayWords } = await import('./in-the-way.js');
    return new Problem('EADDRINUSE', ...inTheWayWords(subject, why));
  }
  return new Problem('ECONNREFUSED', ...refusedWords(subject, why));
}
