/** Where a socket is that no process which was looked into has. */
export const whereElse = 'in flight in a message, or held by something that /proc does not show';
