/** In the order in which they are tried and told. */
export const socketTypes = ['stream', 'seqpacket', 'dgram'] as const;

/** The types of AF_UNIX sockets. unix(7). */
export type SocketType = (typeof socketTypes)[number];

/** In the order in which they are told. */
export const passOptions = ['cred', 'pidfd', 'sec', 'rights'] as const;

/** What is asked of each message's sender, and `rights` where descriptors are taken. The sockets that a listener accepts inherit it. */
export type PassOption = (typeof passOptions)[number];

/** As setsockopt(2) has them. unix(7), and include/uapi/asm-generic/socket.h */
export const passOptionNames = {
  cred: 'SO_PASSCRED',
  pidfd: 'SO_PASSPIDFD',
  sec: 'SO_PASSSEC',
  rights: 'SO_PASSRIGHTS',
} as const satisfies Record<PassOption, string>;

/** What a socket asks of each message's sender, without `rights`. */
export type SenderMark = Exclude<PassOption, 'rights'>;

/** In the order in which they are told. */
export const senderMarks: readonly SenderMark[] = passOptions.filter((option) => option !== 'rights');

/** The option of a {@link SenderMark}. */
export type SenderOption = (typeof passOptionNames)[SenderMark];
