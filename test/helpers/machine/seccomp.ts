/**
 * A sandbox: a seccomp(2) filter that refuses one kind of call, in every
 * thread, as container engines and systemd's units do.
 */
const program = `
import ctypes, os, struct, sys
arch = {'x86_64': 0, 'aarch64': 1}[os.uname().machine]
numbers = {'getsockopt': (55, 209), 'socket': (41, 198), 'connect': (42, 203), 'sendto': (44, 206), 'readlinkat': (267, 78),
  'pidfd_open': (434, 434), 'pidfd_getfd': (438, 438), 'setns': (308, 268), 'clone3': (435, 435),
  'bpf': (321, 280), 'sendmsg': (46, 211), 'memfd_create': (319, 279)}
name, argument, value, errno = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
refuse, allow = 0x50000 | errno, 0x7fff0000
steps = [(LOAD, 0, 0, 0), (EQUAL, 0, 3 if argument >= 0 else 1, numbers[name][arch])]
if argument >= 0: steps += [(LOAD, 0, 0, 16 + 8 * argument), (EQUAL, 0, 1, value)]
steps += [(RETURN, 0, 0, refuse), (RETURN, 0, 0, allow)]
code = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *step) for step in steps))
class Program(ctypes.Structure): _fields_ = [('length', ctypes.c_ushort), ('filter', ctypes.c_void_p)]
libc = ctypes.CDLL(None, use_errno=True)
filter = Program(len(steps), ctypes.addressof(code))
if libc.prctl(22, 2, ctypes.byref(filter), 0, 0): raise OSError(ctypes.get_errno(), 'seccomp')
os.execvp(sys.argv[5], sys.argv[5:])
`;

export type Refusable =
  | 'bpf'
  | 'sendmsg'
  | 'memfd_create'
  | 'getsockopt'
  | 'socket'
  | 'connect'
  | 'sendto'
  | 'readlinkat'
  | 'pidfd_open'
  | 'pidfd_getfd'
  | 'setns'
  | 'clone3';

/**
 * The command that runs another in a sandbox; it takes root, and Python.
 *
 * @param errno - what the call answers
 * @param when - only where the argument of this index (from 0) has this value
 */
export function refusing(
  call: Refusable,
  errno: number,
  when: { readonly argument: number; readonly is: number } = { argument: -1, is: 0 },
): string[] {
  return ['python3', '-c', program, call, String(when.argument), String(when.is), String(errno)];
}
