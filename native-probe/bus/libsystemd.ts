/** The functions of sd-bus(3) and sd-login(3) that peerpid calls, as <systemd/sd-bus.h> and <systemd/sd-login.h> have them. */
import { lazyLibrary, type LibraryArguments } from '../lazy-library.js';
import { check } from '../syscall-error.js';

/** The name by which the dynamic linker finds it. */
export const libsystemdName = 'libsystemd.so.0';

const prototypes = {
  sd_bus_new: 'int sd_bus_new(void *bus)',
  sd_bus_set_fd: 'int sd_bus_set_fd(uintptr_t bus, int input_fd, int output_fd)',
  sd_bus_set_bus_client: 'int sd_bus_set_bus_client(uintptr_t bus, int b)',
  sd_bus_negotiate_fds: 'int sd_bus_negotiate_fds(uintptr_t bus, int b)',
  sd_bus_start: 'int sd_bus_start(uintptr_t bus)',
  sd_bus_is_ready: 'int sd_bus_is_ready(uintptr_t bus)',
  sd_bus_get_unique_name: 'int sd_bus_get_unique_name(uintptr_t bus, void *unique)',
  sd_bus_get_fd: 'int sd_bus_get_fd(uintptr_t bus)',
  sd_bus_get_events: 'int sd_bus_get_events(uintptr_t bus)',
  sd_bus_process: 'int sd_bus_process(uintptr_t bus, void *ret)',
  sd_bus_send: 'int sd_bus_send(uintptr_t bus, uintptr_t m, void *cookie)',
  sd_bus_close: 'void sd_bus_close(uintptr_t bus)',
  sd_bus_unref: 'uintptr_t sd_bus_unref(uintptr_t bus)',
  sd_bus_message_new_method_call:
    'int sd_bus_message_new_method_call(uintptr_t bus, void *m, const char *destination, const char *path, const char *interface, const char *member)',
  sd_bus_message_append_basic: 'int sd_bus_message_append_basic(uintptr_t m, int8_t type, const void *p)',
  sd_bus_message_unref: 'uintptr_t sd_bus_message_unref(uintptr_t m)',
  sd_bus_message_get_type: 'int sd_bus_message_get_type(uintptr_t m, void *type)',
  sd_bus_message_get_reply_cookie: 'int sd_bus_message_get_reply_cookie(uintptr_t m, void *cookie)',
  sd_bus_message_get_error: 'uintptr_t sd_bus_message_get_error(uintptr_t m)',
  sd_bus_message_get_member: 'uintptr_t sd_bus_message_get_member(uintptr_t m)',
  sd_bus_message_get_sender: 'uintptr_t sd_bus_message_get_sender(uintptr_t m)',
  sd_bus_message_enter_container: 'int sd_bus_message_enter_container(uintptr_t m, int8_t type, const char *contents)',
  sd_bus_message_exit_container: 'int sd_bus_message_exit_container(uintptr_t m)',
  sd_bus_message_peek_type: 'int sd_bus_message_peek_type(uintptr_t m, void *type, void *contents)',
  sd_bus_message_read_basic: 'int sd_bus_message_read_basic(uintptr_t m, int8_t type, void *p)',
  sd_bus_message_read_array: 'int sd_bus_message_read_array(uintptr_t m, int8_t type, void *ptr, void *size)',
  sd_bus_message_skip: 'int sd_bus_message_skip(uintptr_t m, const char *types)',
  sd_pid_get_session: 'int sd_pid_get_session(int pid, void *session)',
  sd_session_get_seat: 'int sd_session_get_seat(const void *session, void *seat)',
  sd_session_is_active: 'int sd_session_is_active(const void *session)',
  sd_session_is_remote: 'int sd_session_is_remote(const void *session)',
  sd_session_get_class: 'int sd_session_get_class(const void *session, void *class_)',
} as const;

const call = lazyLibrary(libsystemdName, prototypes);

/**
 * Calls a function of libsystemd.
 *
 * @returns what it returns, which is no error
 * @throws SyscallError what it failed with, or of dlopen(3) ENOENT where there is no libsystemd.so.0 here
 */
export function callSystemd(name: keyof typeof prototypes, ...args: LibraryArguments): number {
  return check(call(name, ...args), name);
}

/** Opens the library, before anything is done for it. @throws SyscallError as {@link callSystemd} does without it */
export function requireLibsystemd(): void {
  // Of none
  callSystemd('sd_bus_unref', 0);
}
