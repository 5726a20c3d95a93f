/** Something that this needs is missing on this machine; the message says what, and what to do. */
export class NotReadyError extends Error {
  override readonly name = 'NotReadyError';
}
