/* How a record of a call is made, and told: the maps and what both programs write of a process and a socket. */
#ifndef PEERPID_RECORDING_H
#define PEERPID_RECORDING_H

#include "paths.h"

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

static __noinline struct sock *unix_sock_of(struct file *file) {
  if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK) return 0;
  struct socket *socket = BPF_CORE_READ(file, private_data);
  struct sock *sk = BPF_CORE_READ(socket, sk);
  return sk && BPF_CORE_READ(sk, __sk_common.skc_family) == AF_UNIX ? sk : 0;
}

static __noinline struct file *file_of(struct task_struct *task, long number) {
  struct fdtable *table = task->files->fdt;
  if (number < 0 || number >= table->max_fds) return 0;
  struct file **files = table->fd;
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

/* The socket that the call was made on */
static __noinline void tell_socket(struct event *event, struct file *file, struct sock *sk) {
  event->type = BPF_CORE_READ(sk, sk_type);
  event->socket = BPF_CORE_READ(file, f_inode, i_ino);
  event->network_namespace = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
}

static __always_inline bool is_relative(struct event *event) {
  return (event->flags & ADDRESS_CLAIMED) && event->address_length > 0 && event->address[0] != '/' && event->address[0] != 0;
}

/* What the process says is from its directory; what the kernel has from that of whoever called bind(2) */
static __noinline __u32 tell_directory(struct event *event, __u32 at, struct task_struct *task) {
  __u32 end = read_path(event, at, task->fs->pwd.mnt, task->fs->pwd.dentry);
  if (end & CUT) event->flags |= DIRECTORY_CUT;
  end &= CUT - 1;
  event->directory_length = end - at;
  return end;
}

/* @returns how much text there is */
static __noinline __u32 tell_caller(struct event *event, struct task_struct *task) {
  identify(&event->client, task->signal->pids[PIDTYPE_TGID], task->cred);
  event->client.started = task->group_leader->start_boottime;
  bpf_get_current_comm(event->client.comm, sizeof event->client.comm);
  event->thread = number_of(task->thread_pid);
  __u32 at = 0;
  struct file *exe = task->mm->exe_file;
  if (exe) {
    at = read_path(event, 0, exe->f_path.mnt, exe->f_path.dentry);
    if (at & CUT) event->flags |= EXE_CUT;
    at &= CUT - 1;
    event->exe_length = at;
  }
  if (is_relative(event)) at = tell_directory(event, at, task);
  struct kernfs_node *node = task->cgroups->dfl_cgrp->kn;
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

#endif
