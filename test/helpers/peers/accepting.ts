const program = `
import socket
listener, accepted = socket.socket(fileno=3), []
while True: accepted = accepted[-50:] + [listener.accept()[0]]
`;

/**
 * For {@link Peer} to spawn with a listener of its own: accepts, and keeps the last fifty. Connections that stay in a
 * backlog would have the next `peerpid inspect` look for who has the listener, before all else.
 */
export const accepting = ['python3', '-c', program];
