import { Python } from './python.js';

/** Says that its command line is other memory of it, as any user's process can (prctl(2), PR_SET_MM_MAP), and listens. */
const program = `
import ctypes, mmap, socket, struct, sys
name, size, words = sys.argv[1].encode(), int(sys.argv[2]), sys.argv[3].encode() + b'\\0'
# The kernel shows private memory only
memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
memory.write(words * (size // len(words)))
start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
libc = ctypes.CDLL(None, use_errno=True)
libc.sbrk.restype = ctypes.c_size_t
line = open('/proc/self/stat').read()
field = [None] * 3 + line[line.rindex(')') + 2:].split()
of = lambda number: int(field[number])
brk, end = libc.sbrk(0), start + size
pointers = [of(26), of(27), of(45), of(46), of(47), brk, of(28), start, end, of(50), of(51), 0]
known = struct.pack('12QIi', *pointers, 0, -1)
if libc.prctl(35, 14, ctypes.c_char_p(known), ctypes.c_ulong(len(known)), ctypes.c_ulong(0)) != 0:
    sys.exit('PR_SET_MM_MAP: errno %d' % ctypes.get_errno())
s = socket.socket(socket.AF_UNIX); s.bind(b'\\0' + name[1:]); s.listen(5)
print('ready', flush=True)
sys.stdin.read()
`;

/** A listener on an abstract name whose command line is so many bytes: the word again and again, each with its NUL. */
export async function listenWithCommandLine(name: string, bytes: number, word: string): Promise<Python> {
  return Python.start(program, [], name, String(bytes), word);
}
