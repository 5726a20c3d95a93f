import { Python } from './python.js';

/** A tracer of a process until the end of the block, which it holds in a stop: PTRACE_SEIZE and PTRACE_INTERRUPT of ptrace(2). */
export function holdByTracer(pid: number): Promise<Python> {
  return Python.start(
    `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long] * 4
pid = int(sys.argv[1])
for request in 0x4206, 0x4207:
    if libc.ptrace(request, pid, 0, 0): sys.exit(os.strerror(ctypes.get_errno()))
os.waitpid(pid, 0x40000000)
print('ready', flush=True)
sys.stdin.read()
`,
    [],
    String(pid),
  );
}
