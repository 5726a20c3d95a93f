// Who connects to, accepts on and sends to AF_UNIX sockets, told at the end of each system call. It changes nothing.
#include "kernel.h"
#include "trace-event.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "calls.h"
#include "paths.h"

char _license[] SEC("license") = "GPL";

volatile const struct settings settings = {};

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 23);
} events SEC(".maps");

/* How many events found no room */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} lost SEC(".maps");

struct under_way {
  __u64 since;
  __u64 sock;
};

/* What threads are in the middle of. The least recently used go: of threads that were killed there */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 1 << 14);
  __type(key, __u64);
  __type(value, struct under_way);
} calls SEC(".maps");

/* The clients whose end is told, by the address of their struct pid */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 1 << 16);
  __type(key, __u64);
  __type(value, __u8);
} clients SEC(".maps");

static __noinline struct sock *unix_sock_of(struct file *file) {
  if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK) return 0;
  struct socket *socket = BPF_CORE_READ(file, private_data);
  struct sock *sk = BPF_CORE_READ(socket, sk);
  return sk && BPF_CORE_READ(sk, __sk_common.skc_family) == AF_UNIX ? sk : 0;
}

static __noinline struct file *file_of(struct task_struct *task, long number) {
  struct fdtable *table = BPF_CORE_READ(task, files, fdt);
  if (number < 0 || number >= BPF_CORE_READ(table, max_fds)) return 0;
  struct file **files = BPF_CORE_READ(table, fd);
  struct file *file = 0;
  bpf_probe_read_kernel(&file, sizeof file, files + number);
  return file;
}

static __noinline __u64 inode_of(struct sock *sk) {
  struct socket *socket = sk ? BPF_CORE_READ(sk, sk_socket) : 0;
  return socket ? BPF_CORE_READ((struct socket_alloc *)socket, vfs_inode.i_ino) : 0;
}

static __always_inline struct task_struct *leader_of(struct pid *pid) {
  struct hlist_node *first = BPF_CORE_READ(pid, tasks[PIDTYPE_TGID].first);
  if (!first) return 0;
  return (void *)first - bpf_core_field_offset(struct task_struct, pid_links[PIDTYPE_TGID]);
}

/* The number that the reader's PID namespace has for it: numbers[] is one a level, the innermost last */
static __noinline __u32 number_of(struct pid *pid) {
  unsigned int level = BPF_CORE_READ(pid, level);
  const unsigned long first = bpf_core_field_offset(struct pid, numbers);
  for (unsigned int at = 0; at < 32 && at <= level; at++) {
    struct upid *number = (void *)pid + first + at * bpf_core_type_size(struct upid);
    if (BPF_CORE_READ(number, ns, ns.inum) == settings.own_pid_namespace) return BPF_CORE_READ(number, nr);
  }
  return 0;
}

static __noinline void identify(struct identity *to, struct pid *pid, const struct cred *cred) {
  if (bpf_core_field_exists(pid->ino)) to->id = BPF_CORE_READ(pid, ino);
  to->pid = number_of(pid);
  if (cred) {
    to->uid = BPF_CORE_READ(cred, euid.val);
    to->gid = BPF_CORE_READ(cred, egid.val);
    to->real_uid = BPF_CORE_READ(cred, uid.val);
  }
}

/* Where a record is made. Nothing interrupts a program on its processor but what makes none */
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct event);
} scratch SEC(".maps");

static __noinline struct event *begin_event(__u32 kind) {
  __u32 first = 0;
  struct event *event = bpf_map_lookup_elem(&scratch, &first);
  if (!event) return 0;
  __builtin_memset(event, 0, __builtin_offsetof(struct event, address));
  event->kind = kind;
  event->time = bpf_ktime_get_boot_ns();
  return event;
}

static __noinline void submit(struct event *event, __u32 text) {
  if (text > TEXT_SPACE) text = TEXT_SPACE;
  if (!bpf_ringbuf_output(&events, event, __builtin_offsetof(struct event, text) + text, 0)) return;
  __u32 first = 0;
  __u64 *count = bpf_map_lookup_elem(&lost, &first);
  if (count) __sync_fetch_and_add(count, 1);
}

static __always_inline bool is_relative(struct event *event) {
  return (event->flags & ADDRESS_CLAIMED) && event->address_length > 0 && event->address[0] != '/' && event->address[0] != 0;
}

/* What the process says is from its directory; what the kernel has from that of whoever called bind(2) */
static __noinline __u32 tell_directory(struct event *event, __u32 at, struct task_struct *task) {
  struct path *pwd = (void *)BPF_CORE_READ(task, fs) + bpf_core_field_offset(struct fs_struct, pwd);
  __u32 end = read_path(event, at, BPF_CORE_READ(pwd, mnt), BPF_CORE_READ(pwd, dentry));
  if (end & CUT) event->flags |= DIRECTORY_CUT;
  end &= CUT - 1;
  event->directory_length = end - at;
  return end;
}

/* @returns how much text there is */
static __noinline __u32 tell_caller(struct event *event, struct task_struct *task) {
  identify(&event->client, BPF_CORE_READ(task, signal, pids[PIDTYPE_TGID]), BPF_CORE_READ(task, cred));
  event->client.started = BPF_CORE_READ(task, group_leader, start_boottime);
  bpf_get_current_comm(event->client.comm, sizeof event->client.comm);
  event->thread = number_of(BPF_CORE_READ(task, thread_pid));
  __u32 at = 0;
  struct file *exe = BPF_CORE_READ(task, mm, exe_file);
  if (exe) {
    at = read_path(event, 0, BPF_CORE_READ(exe, f_path.mnt), BPF_CORE_READ(exe, f_path.dentry));
    if (at & CUT) event->flags |= EXE_CUT;
    at &= CUT - 1;
    event->exe_length = at;
  }
  if (is_relative(event)) at = tell_directory(event, at, task);
  struct kernfs_node *node = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn);
  event->cgroup = BPF_CORE_READ(node, id);
  __u32 end = read_cgroup(event, at, node);
  if (end & CUT) event->flags |= CGROUP_CUT;
  end &= CUT - 1;
  event->cgroup_length = end - at;
  return end;
}

/* The process of record at the other end: who called listen(2) */
static __noinline void tell_server(struct event *event, struct sock *sk) {
  struct pid *pid = BPF_CORE_READ(sk, sk_peer_pid);
  if (!pid) return;
  identify(&event->server, pid, BPF_CORE_READ(sk, sk_peer_cred));
  struct task_struct *leader = leader_of(pid);
  if (!leader) return;
  event->flags |= SERVER_ALIVE;
  event->server.started = BPF_CORE_READ(leader, start_boottime);
  BPF_CORE_READ_STR_INTO(&event->server.comm, leader, comm);
}

/* A length that older verifiers see is small: the compiler would leave out what it knows to be needless */
static __always_inline __u32 bounded(__u64 length) {
  asm volatile("" : "+r"(length));
  return length & (ADDRESS_SPACE - 1);
}

/* What the kernel has as the address of a socket. @returns whether it has one */
static __noinline bool tell_bound(struct event *event, struct sock *sk) {
  struct unix_address *bound = BPF_CORE_READ((struct unix_sock *)sk, addr);
  if (!bound) return false;
  int length = BPF_CORE_READ(bound, len) - 2;
  if (length <= 0) return false;
  if (length > 108) length = 108;
  const char *from = (void *)bound + bpf_core_field_offset(struct unix_address, name) + 2;
  bpf_probe_read_kernel(event->address, bounded(length), from);
  event->address_length = length;
  return true;
}

/* What the process says. @returns its family, or -1 */
static __noinline int tell_claimed(struct event *event, const void *from, long size) {
  __u16 family = 0;
  if (!from || size < 2 || bpf_probe_read_user(&family, sizeof family, from)) return -1;
  if (family != AF_UNIX) return family;
  long length = size - 2;
  if (length > 108) length = 108;
  if (length > 0 && !bpf_probe_read_user(event->address, bounded(length), from + 2)) {
    event->address_length = length;
    event->flags |= ADDRESS_CLAIMED;
  }
  return family;
}

static __noinline void tell_other_end(struct event *event, struct sock *sk, struct sock *peer) {
  event->server_end = (__u64)peer;
  struct sock *listener = 0;
  if (bpf_core_field_exists(struct unix_sock, listener)) listener = BPF_CORE_READ((struct unix_sock *)peer, listener);
  event->other = inode_of(listener ? listener : peer);
  tell_server(event, sk);
}

static __always_inline void begin(struct task_struct *task, struct call *call) {
  struct sock *sk = unix_sock_of(file_of(task, call->args[0]));
  if (!sk) return;
  __u64 key = bpf_get_current_pid_tgid();
  struct under_way now = {.since = bpf_ktime_get_boot_ns(), .sock = (__u64)sk};
  bpf_map_update_elem(&calls, &key, &now, BPF_ANY);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(enter, struct pt_regs *regs, long number) {
  struct call call;
  struct task_struct *task = bpf_get_current_task_btf();
  enum called called = which(task, regs, &call);
  if (called == CALLED_CONNECT) begin(task, &call);
  return 0;
}

static __always_inline void connected(struct task_struct *task, struct call *call, long result) {
  __u64 key = bpf_get_current_pid_tgid();
  struct under_way *before = bpf_map_lookup_elem(&calls, &key);
  struct under_way begun = {};
  if (before) {
    begun = *before;
    bpf_map_delete_elem(&calls, &key);
  }
  struct file *file = file_of(task, call->args[0]);
  struct sock *sk = unix_sock_of(file);
  if (!sk) return;
  struct event *event = begin_event(CONNECT);
  if (!event) return;
  event->result = result;
  if (begun.since && begun.sock == (__u64)sk) {
    event->took = event->time - begun.since;
    event->flags |= TIMED;
  }
  if (begun.since && begun.sock != (__u64)sk) event->flags |= DESCRIPTOR_SWAPPED;
  if (call->compat) event->flags |= COMPAT;
  struct sock *peer = result == 0 ? BPF_CORE_READ((struct unix_sock *)sk, peer) : 0;
  int family = AF_UNIX;
  if (!peer || !tell_bound(event, peer)) family = tell_claimed(event, (const void *)call->args[1], call->args[2]);
  /* Without a peer after success: AF_UNSPEC, by which a datagram socket is disconnected */
  if (result == 0 && !peer && family != AF_UNIX) return;
  event->type = BPF_CORE_READ(sk, sk_type);
  event->socket = BPF_CORE_READ(file, f_inode, i_ino);
  event->network_namespace = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
  if (peer) tell_other_end(event, sk, peer);
  __u32 text = tell_caller(event, task);
  if (settings.with_end && result == 0) {
    __u64 pid = (__u64)BPF_CORE_READ(task, signal, pids[PIDTYPE_TGID]);
    __u8 yes = 1;
    bpf_map_update_elem(&clients, &pid, &yes, BPF_ANY);
  }
  submit(event, text);
}

static __always_inline void accepted(struct task_struct *task, long result) {
  struct file *file = file_of(task, result);
  struct sock *sk = unix_sock_of(file);
  if (!sk) return;
  struct event *event = begin_event(ACCEPT);
  if (!event) return;
  event->result = result;
  event->type = BPF_CORE_READ(sk, sk_type);
  event->socket = BPF_CORE_READ(file, f_inode, i_ino);
  event->network_namespace = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
  event->server_end = (__u64)sk;
  event->other = inode_of(BPF_CORE_READ((struct unix_sock *)sk, peer));
  tell_bound(event, sk);
  tell_server(event, sk);
  __u32 text = tell_caller(event, task);
  submit(event, text);
}

static __always_inline void sent(struct task_struct *task, struct call *call, enum called called, long result) {
  struct file *file = file_of(task, call->args[0]);
  struct sock *sk = unix_sock_of(file);
  if (!sk) return;
  struct event *event = begin_event(MESSAGE);
  if (!event) return;
  event->result = result;
  if (call->compat) event->flags |= COMPAT;
  struct sock *peer = BPF_CORE_READ((struct unix_sock *)sk, peer);
  const void *name = 0;
  long size = 0;
  if (called == CALLED_SENDTO) {
    name = (const void *)call->args[4];
    size = call->args[5];
  } else if (called == CALLED_SENDMSG || called == CALLED_SENDMMSG) {
    struct message message = {};
    read_message(call, &message);
    name = message.name;
    size = message.name_size;
    if (read_stated(&message, event)) event->flags |= STATED;
  }
  if (!name || tell_claimed(event, name, size) != AF_UNIX) {
    if (peer) tell_bound(event, peer);
  }
  event->type = BPF_CORE_READ(sk, sk_type);
  event->socket = BPF_CORE_READ(file, f_inode, i_ino);
  event->network_namespace = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
  if (peer && !name) {
    event->other = inode_of(peer);
    tell_server(event, sk);
  }
  __u32 text = tell_caller(event, task);
  submit(event, text);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(leave, struct pt_regs *regs, long result) {
  struct call call;
  struct task_struct *task = bpf_get_current_task_btf();
  enum called called = which(task, regs, &call);
  if (called == CALLED_NOTHING) return 0;
  if (called == CALLED_CONNECT) connected(task, &call, result);
  else if (called == CALLED_ACCEPT) {
    if (settings.with_accept && result >= 0) accepted(task, result);
  } else if (settings.with_messages) sent(task, &call, called, result);
  return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(ended, struct task_struct *task) {
  if (!settings.with_end || BPF_CORE_READ(task, signal, live.counter) > 0) return 0;
  struct pid *pid = BPF_CORE_READ(task, signal, pids[PIDTYPE_TGID]);
  __u64 key = (__u64)pid;
  if (!bpf_map_lookup_elem(&clients, &key)) return 0;
  bpf_map_delete_elem(&clients, &key);
  struct event *event = begin_event(END);
  if (!event) return 0;
  event->exit_status = BPF_CORE_READ(task, exit_code);
  __u32 text = tell_caller(event, task);
  submit(event, text);
  return 0;
}
