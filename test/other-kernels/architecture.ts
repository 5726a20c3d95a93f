/** Whose kernels are tried, and the machine in which qemu runs them. */
export interface Architecture {
  /** As Debian names it. */
  readonly name: 'amd64' | 'arm64';
  /** As process.arch does. */
  readonly node: NodeJS.Architecture;
  readonly qemu: 'qemu-system-x86_64' | 'qemu-system-aarch64';
  /** The processor that is emulated. */
  readonly emulated: string;
  /** The machine, and the serial port whose other end is qemu's standard output, besides the console's. */
  readonly devices: readonly string[];
  /** The console's name in the machine. */
  readonly console: string;
  /** That serial port's, which carries what guest-event.ts has. */
  readonly port: string;
}

export const amd64: Architecture = {
  name: 'amd64',
  node: 'x64',
  qemu: 'qemu-system-x86_64',
  emulated: 'max',
  devices: ['-serial', 'stdio'],
  console: 'ttyS0',
  port: '/dev/ttyS1',
};

export const arm64: Architecture = {
  name: 'arm64',
  node: 'arm64',
  qemu: 'qemu-system-aarch64',
  // Newer ones sign pointers, which takes long to emulate
  emulated: 'cortex-a72',
  // It has one serial port, and takes others as PCI cards
  devices: ['-machine', 'virt', '-chardev', 'stdio,id=events', '-device', 'pci-serial,chardev=events'],
  console: 'ttyAMA0',
  port: '/dev/ttyS0',
};
