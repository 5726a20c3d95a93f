/** The functions of libbpf that peerpid calls, as <bpf/libbpf.h> has them: version 1 and later, libbpf.so.1. */
import { lazyLibrary } from '../lazy-library.js';

/** The name by which the dynamic linker finds it: of Debian's libbpf1, which iproute2 needs. */
export const libbpfName = 'libbpf.so.1';

const prototypes = {
  libbpf_set_print: 'uintptr_t libbpf_set_print(uintptr_t print)',
  libbpf_major_version: 'uint32_t libbpf_major_version()',
  libbpf_minor_version: 'uint32_t libbpf_minor_version()',
  bpf_object__open_mem: 'uintptr_t bpf_object__open_mem(const void *buf, size_t size, uintptr_t opts)',
  bpf_object__load: 'int bpf_object__load(uintptr_t object)',
  bpf_object__close: 'void bpf_object__close(uintptr_t object)',
  bpf_object__find_program_by_name: 'uintptr_t bpf_object__find_program_by_name(uintptr_t object, const char *name)',
  bpf_object__find_map_by_name: 'uintptr_t bpf_object__find_map_by_name(uintptr_t object, const char *name)',
  bpf_map__fd: 'int bpf_map__fd(uintptr_t map)',
  bpf_map__reuse_fd: 'int bpf_map__reuse_fd(uintptr_t map, int fd)',
  bpf_map__set_initial_value: 'int bpf_map__set_initial_value(uintptr_t map, const void *data, size_t size)',
  bpf_map__set_max_entries: 'int bpf_map__set_max_entries(uintptr_t map, uint32_t entries)',
  bpf_program__set_autoload: 'int bpf_program__set_autoload(uintptr_t program, int autoload)',
  bpf_program__set_log_level: 'int bpf_program__set_log_level(uintptr_t program, uint32_t level)',
  bpf_program__set_log_buf: 'int bpf_program__set_log_buf(uintptr_t program, void *buf, size_t size)',
  bpf_program__attach: 'uintptr_t bpf_program__attach(uintptr_t program)',
  bpf_program__fd: 'int bpf_program__fd(uintptr_t program)',
  bpf_link__fd: 'int bpf_link__fd(uintptr_t link)',
  bpf_link__destroy: 'int bpf_link__destroy(uintptr_t link)',
  bpf_iter_create: 'int bpf_iter_create(int link_fd)',
  bpf_map_lookup_elem: 'int bpf_map_lookup_elem(int fd, const void *key, void *value)',
  ring_buffer__new: 'uintptr_t ring_buffer__new(int map_fd, uintptr_t sample, uintptr_t ctx, uintptr_t opts)',
  ring_buffer__consume: 'int ring_buffer__consume(uintptr_t ring)',
  ring_buffer__epoll_fd: 'int ring_buffer__epoll_fd(uintptr_t ring)',
  ring_buffer__free: 'void ring_buffer__free(uintptr_t ring)',
} as const;

/**
 * Calls a function of libbpf.
 *
 * @returns what it returns: a negated errno where an int is negative, and 0 for a null pointer
 * @throws SyscallError ENOENT as {@link libbpfVersion}
 */
export const callLibbpf = lazyLibrary(libbpfName, prototypes, (library) => {
  // Without this it prints why something failed on standard error
  library.func(prototypes.libbpf_set_print)(0n);
});

/** Its version, such as `1.1`. @throws SyscallError ENOENT where there is no libbpf.so.1 here */
export function libbpfVersion(): string {
  return `${callLibbpf('libbpf_major_version')}.${callLibbpf('libbpf_minor_version')}`;
}
