/** Where libsystemd.so.0 comes from. */
export const libsystemdPackage = 'the package libsystemd0 (Debian, Ubuntu) or systemd-libs (Fedora, Arch)';
