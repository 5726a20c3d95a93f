/** How much of what a bus says is looked at: it decides how much there is. */

/** Names, unique and well-known ones together. */
export const mostNames = 10_000;
/** Calls without an answer at the same time: a bus may have a limit of its own. */
export const mostUnanswered = 64;
/** Facts that the bus gives of one connection. */
export const mostCredentials = 64;
/** Group ids of one connection, and bytes of its security label. */
export const mostValues = 65_536;
/** Changes of names that wait to be looked at. */
export const mostChanges = 10_000;
/** Connections whose names are kept while a bus is watched. */
export const mostFollowed = 100_000;
/** The kernel's records of a connection that are kept: of one kind, and of all kinds. */
export const mostRecords = { alike: 16, all: 64 } as const;
