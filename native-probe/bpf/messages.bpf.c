// Who sends on AF_UNIX sockets, told at the end of each system call, into the buffer of trace.bpf.c. It changes nothing.
#include "kernel.h"
#include "trace-event.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define TELLS_MESSAGES
#include "calls.h"

char _license[] SEC("license") = "GPL";

volatile const struct settings settings = {};

#include "recording.h"
#include "stated.h"

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
  tell_socket(event, file, sk);
  if (peer && !name) {
    event->other = inode_of(peer);
    tell_server(event, sk);
  }
  __u32 text = tell_caller(event, task);
  submit(event, text);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(left, struct pt_regs *regs, long result) {
  struct call call;
  struct task_struct *task = bpf_get_current_task_btf();
  enum called called = which(task, regs, &call);
  if (called != CALLED_NOTHING) sent(task, &call, called, result);
  return 0;
}
