/**
 * Every function of the C library that peerpid calls, as its man page has it.
 * Nothing else imports koffi.
 *
 * Each returns what the C function returns, except that a failure is the
 * negated errno, as the system call itself has it: errno is lost by the next
 * thing that JavaScript does, so it is read here, in the statement after the call.
 */
import koffi from 'koffi';

type Argument = number | bigint | string | Buffer | null;
type Arguments = [a?: Argument, b?: Argument, c?: Argument, d?: Argument, e?: Argument];

for (const [name, type] of [
  ['ssize_t', 'long'],
  ['socklen_t', 'unsigned int'],
  ['pid_t', 'int'],
  ['uid_t', 'unsigned int'],
  ['gid_t', 'unsigned int'],
] as const) {
  koffi.alias(name, type);
}

const libc = koffi.load(null);
type Native = ReturnType<typeof libc.func>;

/** A function is looked up when it is first called, so that a command pays only for what it calls. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- names the arguments of the prototype
function bind<A extends Arguments>(prototype: string): (...args: A) => number {
  let native: Native | undefined;
  // Tens of thousands of calls a second: rest arguments would take a fifth of the time of a short one. What the
  // prototype does not have is undefined, and koffi does not look at it.
  const call = (a?: Argument, b?: Argument, c?: Argument, d?: Argument, e?: Argument): number => {
    native ??= libc.func(prototype);
    const result = native(a, b, c, d, e) as number;
    return result === -1 ? -koffi.errno() : result;
  };
  return call;
}

/** As {@link bind}, but the call waits on a thread of libuv's pool; koffi carries that thread's errno over. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- likewise
function bindAsync<A extends Argument[]>(prototype: string): (...args: A) => Promise<number> {
  let native: Native | undefined;
  return (...args) =>
    new Promise((resolve, reject) => {
      native ??= libc.func(prototype);
      native.async(...args, (error: unknown, result: number) => {
        const errno = koffi.errno();
        if (error instanceof Error) reject(error);
        else resolve(result === -1 ? -errno : result);
      });
    });
}

const connectPrototype = 'int connect(int fd, const void *addr, socklen_t addrlen)';

// sockets: man section 2
export const socket = bind<[domain: number, type: number, protocol: number]>(
  'int socket(int domain, int type, int protocol)',
);
export const socketpair = bind<[domain: number, type: number, protocol: number, sv: Buffer]>(
  'int socketpair(int domain, int type, int protocol, void *sv)',
);
export const bindSocket = bind<[fd: number, addr: Buffer, addrlen: number]>(
  'int bind(int fd, const void *addr, socklen_t addrlen)',
);
export const listen = bind<[fd: number, backlog: number]>('int listen(int fd, int backlog)');
export const accept4 = bind<[fd: number, addr: null, addrlen: null, flags: number]>(
  'int accept4(int fd, void *addr, void *addrlen, int flags)',
);
export const connect = bind<[fd: number, addr: Buffer, addrlen: number]>(connectPrototype);
export const connectAsync = bindAsync<[fd: number, addr: Buffer, addrlen: number]>(connectPrototype);
export const getsockname = bind<[fd: number, addr: Buffer, addrlen: Buffer]>(
  'int getsockname(int fd, void *addr, void *addrlen)',
);
export const getpeername = bind<[fd: number, addr: Buffer, addrlen: Buffer]>(
  'int getpeername(int fd, void *addr, void *addrlen)',
);
export const getsockopt = bind<[fd: number, level: number, optname: number, optval: Buffer, optlen: Buffer]>(
  'int getsockopt(int fd, int level, int optname, void *optval, void *optlen)',
);
export const setsockopt = bind<[fd: number, level: number, optname: number, optval: Buffer, optlen: number]>(
  'int setsockopt(int fd, int level, int optname, const void *optval, socklen_t optlen)',
);
export const recv = bind<[fd: number, buf: Buffer, len: number, flags: number]>(
  'ssize_t recv(int fd, void *buf, size_t len, int flags)',
);
export const send = bind<[fd: number, buf: Buffer, len: number, flags: number]>(
  'ssize_t send(int fd, const void *buf, size_t len, int flags)',
);

export const recvmmsg = bind<[fd: number, msgvec: Buffer, vlen: number, flags: number, timeout: null]>(
  'int recvmmsg(int fd, void *msgvec, unsigned int vlen, int flags, void *timeout)',
);
export const sendmsg = bind<[fd: number, msg: Buffer, flags: number]>(
  'ssize_t sendmsg(int fd, const void *msg, int flags)',
);

// waiting
const pollPrototype = 'int poll(void *fds, unsigned long nfds, int timeout)';
export const poll = bind<[fds: Buffer, nfds: number, timeout: number]>(pollPrototype);
export const pollAsync = bindAsync<[fds: Buffer, nfds: number, timeout: number]>(pollPrototype);
export const epollCreate1 = bind<[flags: number]>('int epoll_create1(int flags)');
export const epollCtl = bind<[epfd: number, op: number, fd: number, event: Buffer]>(
  'int epoll_ctl(int epfd, int op, int fd, void *event)',
);
export const epollWaitAsync = bindAsync<[epfd: number, events: Buffer, maxevents: number, timeout: number]>(
  'int epoll_wait(int epfd, void *events, int maxevents, int timeout)',
);
export const read = bind<[fd: number, buf: Buffer, count: number]>('ssize_t read(int fd, void *buf, size_t count)');
export const eventfd = bind<[initval: number, flags: number]>('int eventfd(unsigned int initval, int flags)');

// descriptors
export const ioctl = bind<[fd: number, op: number, argp: Buffer | null]>(
  'int ioctl(int fd, unsigned long op, void *argp)',
);
export const fcntl = bind<[fd: number, op: number, arg: number]>('int fcntl(int fd, int op, int arg)');
export const dup3 = bind<[oldfd: number, newfd: number, flags: number]>('int dup3(int oldfd, int newfd, int flags)');
export const openat2 = bind<[number: number, dirfd: number, path: Buffer, how: Buffer, size: number]>(
  'long syscall(long number, int dirfd, const void *path, const void *how, size_t size)',
);
export const statx = bind<[dirfd: number, path: Buffer, flags: number, mask: number, buf: Buffer]>(
  'int statx(int dirfd, const void *path, int flags, unsigned int mask, void *buf)',
);
export const openat = bind<[dirfd: number, path: Buffer, flags: number]>(
  'int openat(int dirfd, const void *path, int flags)',
);
export const pipe2 = bind<[pipefd: Buffer, flags: number]>('int pipe2(void *pipefd, int flags)');
export const close = bind<[fd: number]>('int close(int fd)');
export const getdents64 = bind<[fd: number, dirp: Buffer, count: number]>(
  'ssize_t getdents64(int fd, void *dirp, size_t count)',
);
export const readlinkat = bind<[dirfd: number, path: Buffer, buf: Buffer, bufsiz: number]>(
  'ssize_t readlinkat(int dirfd, const void *path, void *buf, size_t bufsiz)',
);
export const getxattr = bind<[path: Buffer, name: Buffer, value: Buffer, size: number]>(
  'ssize_t getxattr(const void *path, const void *name, void *value, size_t size)',
);
export const fstatfs = bind<[fd: number, buf: Buffer]>('int fstatfs(int fd, void *buf)');

// namespaces
export const setns = bind<[fd: number, nstype: number]>('int setns(int fd, int nstype)');

// syscall(2), for calls that glibc before 2.36 has no function for
const syscallPrototype = 'long syscall(long number, long a, long b, long c)';
export const syscall = bind<[number: number, a: number, b: number, c: number]>(syscallPrototype);
const fstatPrototype = 'long syscall(long number, int fd, void *statbuf)';
/** fstat(2), which is no function of its own in glibc before 2.33. */
export const fstat = bind<[number: number, fd: number, statbuf: Buffer]>(fstatPrototype);
export const openByHandleAt = bind<[mountFd: number, handle: Buffer, flags: number]>(
  'int open_by_handle_at(int mount_fd, void *handle, int flags)',
);

// processes: sections 2 and 3. What is declared as a long is a pointer, or whatever the function called then takes.
export const clone = bind<[fn: bigint, stack: bigint, flags: number, arg: Buffer, pidfd: Buffer]>(
  'int clone(uintptr_t fn, uintptr_t stack, int flags, void *arg, void *parent_tid)',
);
export const waitpid = bind<[pid: number, wstatus: Buffer, options: number]>(
  'pid_t waitpid(pid_t pid, void *wstatus, int options)',
);
/** Its failure is an errno, not -1. */
export const pthreadSigmask = bind<[how: number, set: Buffer, oldset: Buffer]>(
  'int pthread_sigmask(int how, const void *set, void *oldset)',
);
export const sigaction = bind<[signum: number, act: Buffer, oldact: null]>(
  'int sigaction(int signum, const void *act, void *oldact)',
);
/** timer_create(2) and timer_settime(2), by syscall(2): they are in a library of their own before glibc 2.34. */
export const timerCreate = bind<[number: number, clockid: number, sevp: Buffer, timerid: Buffer]>(
  'long syscall(long number, int clockid, void *sevp, void *timerid)',
);
export const timerSettime = bind<[number: number, timerid: number, flags: number, value: Buffer, old: null]>(
  'long syscall(long number, int timerid, int flags, const void *value, void *old)',
);
export const timerfdCreate = bind<[clockid: number, flags: number]>('int timerfd_create(int clockid, int flags)');
export const timerfdSettime = bind<[fd: number, flags: number, value: Buffer, old: null]>(
  'int timerfd_settime(int fd, int flags, const void *new_value, void *old_value)',
);
export const getrlimit = bind<[resource: number, rlim: Buffer]>('int getrlimit(int resource, void *rlim)');
export const setrlimit = bind<[resource: number, rlim: Buffer]>('int setrlimit(int resource, const void *rlim)');
export const getcontext = bind<[ucp: Buffer]>('int getcontext(void *ucp)');

let nativeMakecontext: Native | undefined;

/** makecontext(3), with ten arguments for the function, each an int or a pointer. */
export function makecontext(ucp: Buffer, func: bigint, argc: number, args: readonly bigint[]): void {
  nativeMakecontext ??= libc.func(
    'void makecontext(void *ucp, uintptr_t func, int argc, long a, long b, long c, long d, long e, long f, long g, long h, long i, long j)',
  );
  nativeMakecontext(ucp, func, argc, ...args);
}

let errnoLocation: Native | undefined;

/** Where this thread has its errno, and at the same address a child that is a copy of it. errno(3) */
export function addressOfErrno(): bigint {
  errnoLocation ??= libc.func('uintptr_t __errno_location()');
  return BigInt(errnoLocation() as number | bigint);
}

let nativeSelf: Native | undefined;

/** pthread_self(3): with glibc an address, from which whatever is of one thread has its distance. */
export function pthreadSelf(): bigint {
  nativeSelf ??= libc.func('uintptr_t pthread_self()');
  return BigInt(nativeSelf() as number | bigint);
}

let pthreadCreate: Native | undefined;
let pthreadJoin: Native | undefined;

/** pthread_create(3) with default attributes. @returns 0, or an errno (positive) */
export function createThread(thread: Buffer, start: bigint, arg: Buffer): number {
  pthreadCreate ??= libc.func('int pthread_create(void *thread, void *attr, uintptr_t start, void *arg)');
  return pthreadCreate(thread, null, start, arg) as number;
}

/** pthread_join(3) of a thread that has ended, or is about to. @returns 0, or an errno (positive) */
export function joinThread(thread: bigint): number {
  pthreadJoin ??= libc.func('int pthread_join(uintptr_t thread, void *retval)');
  return pthreadJoin(thread, null) as number;
}

let dlsym: Native | undefined;

/** dlsym(3) of the C library: 0 when it has no such function. */
export function addressOfFunction(name: string): bigint {
  dlsym ??= libc.func('uintptr_t dlsym(uintptr_t handle, const char *symbol)');
  return BigInt(dlsym(0, name) as number | bigint);
}

let eventLoop: { default: Native; descriptor: Native } | undefined;

/**
 * The epoll(7) of Node's event loop in the main thread: uv_default_loop() and uv_backend_fd().
 *
 * @returns undefined where Node's libuv is another library
 */
export function eventLoopDescriptor(): number | undefined {
  if (addressOfFunction('uv_default_loop') === 0n || addressOfFunction('uv_backend_fd') === 0n) return undefined;
  eventLoop ??= {
    default: libc.func('uintptr_t uv_default_loop()'),
    descriptor: libc.func('int uv_backend_fd(uintptr_t loop)'),
  };
  return eventLoop.descriptor(eventLoop.default()) as number;
}

const onExit = bind<[func: bigint, arg: null]>('int on_exit(uintptr_t function, void *arg)');

/**
 * Has exit(3) call _exit(2) before anything that was registered with it until now: on_exit(3).
 *
 * @returns false where the C library has no on_exit(3), such as musl's
 */
export function exitWithoutDestructors(): boolean {
  return addressOfFunction('on_exit') !== 0n && onExit(addressOfFunction('_exit'), null) === 0;
}

/** lsm_list_modules(2), by syscall(2). */
export const lsmListModules = bind<[number: number, ids: Buffer, size: Buffer, flags: number]>(
  'long syscall(long number, void *ids, void *size, unsigned int flags)',
);

/** landlock_create_ruleset(2), which no C library has a function for. */
export const landlockCreateRuleset = bind<[number: number, attributes: null, size: number, flags: number]>(
  'long syscall(long number, void *attributes, size_t size, unsigned int flags)',
);

/** bpf(2), which no C library has a function for. */
const bpfPrototype = 'long syscall(long number, int cmd, void *attr, unsigned int size)';
export const bpf = bind<[number: number, cmd: number, attr: Buffer, size: number]>(bpfPrototype);

/** The address of a buffer, for a struct that holds pointers. The caller keeps the buffer from garbage collection. */
export function addressOfBuffer(buffer: Buffer): bigint {
  return koffi.address(buffer);
}

/** Memory of the C library's, which no garbage collection frees, nor the end of a worker thread: until {@link free}. */
export function allocate(size: number): Buffer {
  return Buffer.from(koffi.view(koffi.alloc('uint8_t', size), size));
}

let nativeFree: Native | undefined;

/** free(3) of what {@link allocate} gave. */
export function free(buffer: Buffer): void {
  nativeFree ??= libc.func('void free(uintptr_t ptr)');
  nativeFree(koffi.address(buffer));
}

/** futex(2), which has no function of the C library. @param timeout - a struct timespec, or null */
export const futex = bind<[number: number, uaddr: Buffer, op: number, val: number, timeout: Buffer | null]>(
  'long syscall(long number, void *uaddr, int op, unsigned int val, const void *timeout)',
);

export const semInit = bind<[sem: Buffer, pshared: number, value: number]>(
  'int sem_init(void *sem, int pshared, unsigned int value)',
);
export const semPost = bind<[sem: Buffer]>('int sem_post(void *sem)');

/** clock_gettime(2). */
export const clockGettime = bind<[clockid: number, tp: Buffer]>('int clock_gettime(int clockid, void *tp)');

/** A function of another library that is called as it is: what it returns is a number or a pointer. */
type Foreign = (...args: (Argument | undefined)[]) => number | bigint;

/** A library of the system, by dlopen(3), and its functions by their prototypes. */
export interface ForeignLibrary {
  /** @throws Error where the library has no such function */
  readonly func: (prototype: string) => Foreign;
}

/**
 * dlopen(3) of a library by its name, as the dynamic linker finds it.
 *
 * @returns undefined where it cannot be loaded, such as where it is not installed
 */
export function openLibrary(name: string): ForeignLibrary | undefined {
  let library: ReturnType<typeof koffi.load>;
  try {
    library = koffi.load(name);
  } catch (error) {
    // What dlopen(3) says, without its beginning, which names the library
    if (error instanceof Error && error.message.startsWith('Failed to load shared library: ')) return undefined;
    throw error;
  }
  return { func: (prototype) => library.func(prototype) };
}

/** A function of ours that a library may call, until it is freed: on the thread that called the library, and meanwhile. */
export interface Callback {
  readonly address: bigint;
  free(): void;
}

/** koffi takes the name of a prototype once. */
const callbackTypes = new Map<string, ReturnType<typeof koffi.pointer>>();

/** @param prototype - of the function, as C has it, with a name of its own; its pointers come as addresses */
export function callbackOf(prototype: string, call: (...args: (number | bigint)[]) => number): Callback {
  let type = callbackTypes.get(prototype);
  if (type === undefined) callbackTypes.set(prototype, (type = koffi.pointer(koffi.proto(prototype))));
  const address = koffi.register(call, type);
  return {
    address,
    free: () => {
      koffi.unregister(address);
    },
  };
}

/** A copy of the bytes at an address. */
export function bytesAt(address: bigint, size: number): Buffer {
  return Buffer.from(Buffer.from(koffi.view(address, size)));
}

/** The bytes of a C string, which koffi would take for UTF-8, without the NUL at its end. */
export function stringAt(address: bigint): Buffer {
  return Buffer.from(koffi.decode(address, 'uint8_t', -1) as Uint8Array);
}

const calledByName = new Map<string, Native>();

/** Calls a function of up to five arguments, each an integer or a pointer, by its name. */
export function callByName(name: string, args: readonly bigint[]): void {
  let native = calledByName.get(name);
  if (native === undefined) {
    calledByName.set(name, (native = libc.func(`long ${name}(long a, long b, long c, long d, long e)`)));
  }
  native(...Array.from({ length: 5 }, (_, index) => args[index] ?? 0n));
}
