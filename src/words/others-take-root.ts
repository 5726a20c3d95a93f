/** Why the processes of others are not seen by who is not root. */
export const othersTakeRoot = 'looking at the processes of other users needs root (CAP_SYS_PTRACE)';

/** The same of a /proc that does not even show that they are there. */
export const othersHidden = '/proc hides the processes of other users (its mount option hidepid)';
