/**
 * Kernel numbers by architecture: each with the header that defines it and,
 * where it is not ancient, the Linux version that it came with.
 */
import { supportedArchitecture } from './platform.js';

/** Numbers that x86_64 and arm64 share. */
const shared = {
  // <linux/socket.h>
  AF_UNIX: 1,
  AF_NETLINK: 16,

  // <linux/net.h>; SOCK_CLOEXEC is O_CLOEXEC, SOCK_NONBLOCK is O_NONBLOCK
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_RAW: 3,
  SOCK_SEQPACKET: 5,
  SOCK_NONBLOCK: 0x800,
  SOCK_CLOEXEC: 0x80000,

  // <asm-generic/socket.h>
  SOL_SOCKET: 1,
  SO_TYPE: 3,
  SO_SNDBUF: 7,
  SO_PASSCRED: 16,
  SO_PEERCRED: 17,
  SO_OOBINLINE: 10,
  SO_SNDTIMEO: 21,
  SO_ACCEPTCONN: 30,
  SO_PEERSEC: 31,
  SO_PASSSEC: 34,
  SO_COOKIE: 57, // 4.6
  SO_PEERGROUPS: 59, // 4.13
  SO_PASSPIDFD: 76, // 6.5
  SO_PEERPIDFD: 77, // 6.5
  SO_PASSRIGHTS: 83, // 6.16

  // <linux/socket.h>, not uapi but fixed
  MSG_PEEK: 0x2,
  MSG_CTRUNC: 0x8,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_NOSIGNAL: 0x4000,
  MSG_CMSG_CLOEXEC: 0x40000000,
  SCM_RIGHTS: 1,
  SCM_CREDENTIALS: 2,
  SCM_SECURITY: 3,
  SCM_PIDFD: 4, // 6.5

  // <asm-generic/unistd.h>
  NR_pidfd_open: 434, // 5.3
  NR_clone3: 435, // 5.3; its set_tid 5.5
  NR_close_range: 436, // 5.9
  NR_openat2: 437, // 5.6; its RESOLVE_CACHED 5.12
  NR_pidfd_getfd: 438, // 5.6
  NR_landlock_create_ruleset: 444, // 5.13
  NR_lsm_list_modules: 461, // 6.8

  // <linux/kcmp.h>
  KCMP_FILES: 2,

  // <linux/pidfd.h>
  PIDFD_THREAD: 0x80, // O_EXCL; 6.9
  // _IO(0xFF, n); 6.11
  PIDFD_GET_CGROUP_NAMESPACE: 0xff01,
  PIDFD_GET_IPC_NAMESPACE: 0xff02,
  PIDFD_GET_MNT_NAMESPACE: 0xff03,
  PIDFD_GET_NET_NAMESPACE: 0xff04,
  PIDFD_GET_PID_NAMESPACE: 0xff05,
  PIDFD_GET_TIME_NAMESPACE: 0xff07,
  PIDFD_GET_USER_NAMESPACE: 0xff09,
  PIDFD_GET_UTS_NAMESPACE: 0xff0a,
  PIDFD_GET_INFO: 0xc040ff0b, // _IOWR(0xFF, 11, 64 bytes of struct pidfd_info); 6.13
  PIDFD_INFO_PID: 1,
  PIDFD_INFO_CREDS: 2,
  PIDFD_INFO_CGROUPID: 4,
  PIDFD_INFO_EXIT: 8, // 6.15

  // <linux/sched.h>
  CLONE_FILES: 0x400,
  CLONE_PIDFD: 0x1000, // 5.2
  CLONE_VFORK: 0x4000,
  CLONE_PARENT: 0x8000,
  CLONE_NEWNS: 0x20000,
  CLONE_NEWUSER: 0x10000000, // 3.8
  CLONE_NEWPID: 0x20000000, // 2.6.24
  CLONE_NEWNET: 0x40000000, // 2.6.24; setns(2) came with 3.0

  // <linux/mount.h>
  MS_NOSUID: 2,
  MS_NODEV: 4,
  MS_NOEXEC: 8,
  MS_REC: 0x4000,
  MS_PRIVATE: 0x40000,

  // <asm-generic/signal-defs.h>
  SIG_BLOCK: 0,
  SIG_SETMASK: 2,
  SIGRTMAX: 64,
  SA_RESTART: 0x10000000,

  // <asm-generic/resource.h>
  RLIMIT_NOFILE: 7,

  // <asm-generic/siginfo.h>, <linux/time.h>
  SIGEV_THREAD_ID: 4,
  CLOCK_MONOTONIC: 1,

  // <linux/time.h>
  CLOCK_BOOTTIME: 7, // 2.6.39

  // <linux/futex.h>
  FUTEX_WAIT_PRIVATE: 128,
  FUTEX_WAKE_PRIVATE: 129,

  // <linux/wait.h>
  WNOHANG: 1,

  // <linux/prctl.h>
  PR_SET_PDEATHSIG: 1,
  PR_SET_NAME: 15,

  // <linux/sockios.h>
  FIONREAD: 0x541b,
  SIOCGSKNS: 0x894c, // 4.10

  // <linux/nsfs.h>
  NS_GET_PARENT: 0xb702, // _IO(0xb7, 2); 4.9
  NS_GET_NSTYPE: 0xb703, // _IO(0xb7, 3); 4.11

  // <linux/magic.h>
  NSFS_MAGIC: 0x6e736673, // 3.19
  CGROUP_SUPER_MAGIC: 0x27e0eb,
  CGROUP2_SUPER_MAGIC: 0x63677270, // 4.5
  PID_FS_MAGIC: 0x50494446, // 6.9

  // <asm-generic/fcntl.h>
  O_PATH: 0x200000,
  O_CLOEXEC: 0x80000,
  F_GETFD: 1,
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,

  // <linux/fcntl.h>
  AT_FDCWD: -100,
  AT_EMPTY_PATH: 0x1000,
  AT_STATX_DONT_SYNC: 0x4000,
  F_DUPFD_CLOEXEC: 1030,

  // <linux/openat2.h>, <linux/stat.h>
  RESOLVE_IN_ROOT: 0x10,
  RESOLVE_CACHED: 0x20,
  openHowSize: 24,
  STATX_NLINK: 0x4,
  STATX_BASIC_STATS: 0x7ff,
  LANDLOCK_CREATE_RULESET_VERSION: 1,
  STATX_ATTR_IMMUTABLE: 0x10,
  STATX_MNT_ID: 0x1000, // 5.8
  STATX_MNT_ID_UNIQUE: 0x4000, // 6.8

  // <linux/un.h>
  SIOCUNIXFILE: 0x89e0, // 4.11

  // <linux/eventpoll.h>
  EPOLL_CLOEXEC: 0x80000,
  EPOLL_CTL_ADD: 1,
  EPOLL_CTL_DEL: 2,
  EPOLL_CTL_MOD: 3,
  EPOLLIN: 0x1,
  EPOLLERR: 0x8,
  EPOLLHUP: 0x10,
  EPOLLRDHUP: 0x2000,

  // <asm-generic/poll.h>
  POLLIN: 1,
  POLLOUT: 4,
  POLLHUP: 0x10,

  // <linux/eventfd.h>
  EFD_CLOEXEC: 0x80000,
  EFD_NONBLOCK: 0x800,

  // <linux/netlink.h>, <linux/sock_diag.h>, <linux/unix_diag.h>
  NETLINK_SOCK_DIAG: 4,
  NLM_F_REQUEST: 1,
  NLM_F_DUMP: 0x300,
  NLMSG_ERROR: 2,
  NLMSG_DONE: 3,
  SOCK_DIAG_BY_FAMILY: 20,
  UDIAG_SHOW_NAME: 1,
  UDIAG_SHOW_VFS: 2,
  UDIAG_SHOW_PEER: 4,
  UDIAG_SHOW_ICONS: 8,
  UDIAG_SHOW_RQLEN: 16,
  UDIAG_SHOW_UID: 64, // 5.3
  UNIX_DIAG_NAME: 0,
  UNIX_DIAG_VFS: 1,
  UNIX_DIAG_PEER: 2,
  UNIX_DIAG_ICONS: 3,
  UNIX_DIAG_RQLEN: 4,
  UNIX_DIAG_SHUTDOWN: 6,
  UNIX_DIAG_UID: 7, // 5.3
  // <net/tcp_states.h>, which AF_UNIX borrows
  TCP_ESTABLISHED: 1,
  TCP_CLOSE: 7,
  TCP_LISTEN: 10,

  // <linux/bpf.h>
  BPF_PROG_LOAD: 5,
  BPF_PROG_ATTACH: 8,
  BPF_PROG_DETACH: 9,
  BPF_PROG_GET_NEXT_ID: 11, // 4.13
  BPF_PROG_GET_FD_BY_ID: 13, // 4.13
  BPF_OBJ_GET_INFO_BY_FD: 15, // 4.13
  BPF_PROG_QUERY: 16, // 4.15
  BPF_F_QUERY_EFFECTIVE: 1, // 4.15
  BPF_PROG_TYPE_CGROUP_SOCKOPT: 25, // 5.3
  BPF_CGROUP_GETSOCKOPT: 21, // 5.3

  // include/linux/exportfs.h: FILEID_KERNFS, what a cgroup directory's handle is
  FILEID_KERNFS: 0xfe,
} as const;

const byArchitecture = {
  // arch/x86/entry/syscalls/syscall_64.tbl, arch/x86/include/uapi/asm
  x64: {
    O_DIRECTORY: 0x10000,
    NR_fstat: 5,
    NR_exit: 60,
    NR_gettid: 186,
    NR_futex: 202,
    NR_timer_create: 222,
    NR_timer_settime: 223,
    NR_setgroups: 116,
    NR_setresuid: 117,
    NR_setresgid: 119,
    NR_open_by_handle_at: 304,
    NR_kcmp: 312, // 3.5
    NR_bpf: 321,
    epollEventSize: 12,
    epollDataOffset: 4,
  },
  // include/uapi/asm-generic/unistd.h; struct epoll_event is packed on x86_64 only
  arm64: {
    O_DIRECTORY: 0x4000,
    NR_fstat: 80,
    NR_exit: 93,
    NR_futex: 98,
    NR_timer_create: 107,
    NR_timer_settime: 110,
    NR_setresuid: 147,
    NR_setresgid: 149,
    NR_setgroups: 159,
    NR_gettid: 178,
    NR_open_by_handle_at: 265,
    NR_kcmp: 272, // 3.5
    NR_bpf: 280,
    epollEventSize: 16,
    epollDataOffset: 8,
  },
} as const;

/** The kernel's numbers on this machine. */
export const uapi = { ...shared, ...byArchitecture[supportedArchitecture()] };
