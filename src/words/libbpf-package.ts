/** Where libbpf.so.1 comes from. */
export const libbpfPackage = 'the package libbpf1 (Debian, Ubuntu) or libbpf (Fedora, Arch)';
