/** A command that runs another where the dynamic linker finds no libsystemd.so.0. */
export const libsystemdHidden: readonly string[] = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `mount --bind /dev/null "$(ldconfig -p | sed -n 's/.*libsystemd.so.0 .*=> //p' | head -n 1)" && exec "$@"`,
  'sh',
];
