// Who connects to and accepts on AF_UNIX sockets, told at the end of each system call. It changes nothing.
#include "kernel.h"
#include "trace-event.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "calls.h"

char _license[] SEC("license") = "GPL";

volatile const struct settings settings = {};

#include "recording.h"

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
  tell_socket(event, file, sk);
  if (peer) tell_other_end(event, sk, peer);
  __u32 text = tell_caller(event, task);
  if (settings.with_end && result == 0) {
    __u64 pid = (__u64)task->signal->pids[PIDTYPE_TGID];
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
  tell_socket(event, file, sk);
  event->server_end = (__u64)sk;
  event->other = inode_of(BPF_CORE_READ((struct unix_sock *)sk, peer));
  tell_bound(event, sk);
  tell_server(event, sk);
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
  else if (settings.with_accept && result >= 0) accepted(task, result);
  return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(ended, struct task_struct *task) {
  if (!settings.with_end || task->signal->live.counter > 0) return 0;
  struct pid *pid = task->signal->pids[PIDTYPE_TGID];
  __u64 key = (__u64)pid;
  if (!bpf_map_lookup_elem(&clients, &key)) return 0;
  bpf_map_delete_elem(&clients, &key);
  struct event *event = begin_event(END);
  if (!event) return 0;
  event->exit_status = task->exit_code;
  __u32 text = tell_caller(event, task);
  submit(event, text);
  return 0;
}
