/** In the order in which they are tried and told. */
export const socketTypes = ['stream', 'seqpacket', 'dgram'] as const;

/** The types of AF_UNIX sockets. unix(7). */
export type SocketType = (typeof socketTypes)[number];

/** In the order in which they are told: SO_PASSCRED, SO_PASSPIDFD, SO_PASSSEC, SO_PASSRIGHTS. */
export const passOptions = ['cred', 'pidfd', 'sec', 'rights'] as const;

/** What is asked of each message's sender, and `rights` where descriptors are taken. The sockets that a listener accepts inherit it. */
export type PassOption = (typeof passOptions)[number];
