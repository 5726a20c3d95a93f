/** Why the processes of others are not seen by who is not root. */
export const othersTakeRoot = 'looking at the processes of other users needs root (CAP_SYS_PTRACE)';

/** Why other network namespaces are not looked into by who is not root. */
export const enteringTakesRoot = 'looking into other network namespaces needs root (CAP_SYS_ADMIN)';

/** Why processes are not even seen to be there. */
export const othersHidden = '/proc hides the processes of other users (its mount option hidepid)';
