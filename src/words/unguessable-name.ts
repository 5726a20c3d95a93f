/** A name for a file that is ours for a moment. By the global crypto, since node:crypto takes milliseconds to load at every start. */
export function unguessableName(): string {
  const random = globalThis.crypto.getRandomValues(Buffer.alloc(6));
  return `.peerpid-${random.toString('hex')}`;
}
