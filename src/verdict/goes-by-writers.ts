import type { PassOption, SocketType } from '../../native-probe/socket-kinds.js';
import type { UnixAddress } from '../../native-probe/unix-address.js';
import type { RecordingCall } from '../socket/recording-call.js';

/** An end, and what is known of who holds it. */
interface End {
  readonly type: SocketType;
  readonly address: UnixAddress;
  readonly recordedBy: RecordingCall;
  /** Undefined where it is not known. */
  readonly asks: readonly PassOption[] | undefined;
}

/**
 * Whether an end is one that systemd-journald accepted for the standard output of a service, which has it from whoever
 * started it and hands it on to what it starts. journald asks for the sender of each message and goes by that, so that who
 * connected is nothing to it. systemd.exec(5), StandardOutput=journal; src/journal/journald-stream.c,
 * stdout_stream_process()
 */
export function goesByWriters({ type, address, recordedBy, asks }: End): boolean {
  if (type !== 'stream' || recordedBy !== 'connect(2)' || asks?.includes('cred') !== true) return false;
  return address.kind === 'path' && journal.test(address.path.toString('latin1'));
}

/** Of journal namespaces, too: systemd-journald.service(8). */
const journal = /^\/run\/systemd\/journal(?:\.[^/]+)?\/stdout$/;
