/** A command that runs another where the dynamic linker finds no libbpf.so.1. */
export const libbpfHidden: readonly string[] = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `mount --bind /dev/null "$(ldconfig -p | sed -n 's/.*libbpf.so.1 .*=> //p' | head -n 1)" && exec "$@"`,
  'sh',
];
