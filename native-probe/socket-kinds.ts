/** The types of AF_UNIX sockets, in the order in which they are tried and told. unix(7) */
export const socketTypes = ['stream', 'seqpacket', 'dgram'] as const;
export type SocketType = (typeof socketTypes)[number];

/**
 * What a socket asks the kernel to tell of each message's sender, and `rights`
 * where it takes descriptors, which it does unless told otherwise. What a
 * listener asks for, the sockets that it accepts ask for too.
 * unix(7), SO_PASSCRED; include/uapi/asm-generic/socket.h
 */
export const passOptions = ['cred', 'pidfd', 'sec', 'rights'] as const;
export type PassOption = (typeof passOptions)[number];
