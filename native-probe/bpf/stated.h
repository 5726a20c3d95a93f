/* What a message says of itself: its address, and who sent it (SCM_CREDENTIALS). */
#ifndef PEERPID_STATED_H
#define PEERPID_STATED_H

struct message {
  bool compat;
  const void *name;
  long name_size;
  const void *control;
  __u64 control_size;
};

/* struct msghdr, of sendmmsg(2) the first; of 32-bit programs struct compat_msghdr. */
static __noinline void read_message(struct call *call, struct message *message) {
  const void *from = (const void *)call->args[1];
  message->compat = call->compat;
  if (call->compat) {
    __u32 header[7] = {};
    if (bpf_probe_read_user(header, sizeof header, from)) return;
    message->name = (const void *)(__u64)header[0];
    message->name_size = header[1];
    message->control = (const void *)(__u64)header[4];
    message->control_size = header[5];
  } else {
    __u64 header[7] = {};
    if (bpf_probe_read_user(header, sizeof header, from)) return;
    message->name = (const void *)header[0];
    message->name_size = (__u32)header[1];
    message->control = (const void *)header[4];
    message->control_size = header[5];
  }
}

#define SOL_SOCKET 1
#define SCM_CREDENTIALS 2
#define CONTROL_MESSAGES_MOST 8

/* The struct ucred that the sender states. @returns whether there is one */
static __noinline bool read_stated(struct message *message, struct event *event) {
  __u64 at = 0;
  const __u64 head = message->compat ? 12 : 16;
  const __u64 align = message->compat ? 4 : 8;
  for (int count = 0; count < CONTROL_MESSAGES_MOST; count++) {
    if (!message->control || at + head > message->control_size) return false;
    __u64 length = 0;
    __u32 level_type[2] = {}, ids[3] = {};
    const void *here = message->control + at;
    if (bpf_probe_read_user(&length, message->compat ? 4 : 8, here)) return false;
    if (bpf_probe_read_user(level_type, sizeof level_type, here + head - 8)) return false;
    if (length < head) return false;
    if (level_type[0] == SOL_SOCKET && level_type[1] == SCM_CREDENTIALS) {
      if (bpf_probe_read_user(ids, sizeof ids, here + head)) return false;
      event->stated_pid = ids[0];
      event->stated_uid = ids[1];
      event->stated_gid = ids[2];
      return true;
    }
    at += (length + align - 1) & ~(align - 1);
  }
  return false;
}

#endif
