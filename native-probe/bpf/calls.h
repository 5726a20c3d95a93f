/* Which system call it is, with its arguments: native, and of 32-bit programs on a 64-bit kernel. */
#ifndef PEERPID_CALLS_H
#define PEERPID_CALLS_H

enum called { CALLED_NOTHING, CALLED_CONNECT, CALLED_ACCEPT, CALLED_SENDTO, CALLED_SENDMSG, CALLED_SENDMMSG, CALLED_WRITE };

struct call {
  bool compat;
  __u64 args[6];
};

/* <asm/unistd_64.h>, <asm-generic/unistd.h>; of 32-bit programs <asm/unistd_32.h>, arch/arm64/tools/syscall_32.tbl */
#if defined(__TARGET_ARCH_x86)
#define NR_CONNECT 42
#define NR_ACCEPT 43
#define NR_ACCEPT4 288
#define NR_SENDTO 44
#define NR_SENDMSG 46
#define NR_SENDMMSG 307
#define NR_WRITE 1
#define NR_WRITEV 20
#define NR32_SOCKETCALL 102
#define NR32_CONNECT 362
#define NR32_ACCEPT4 364
#define NR32_SENDTO 369
#define NR32_SENDMSG 370
#define NR32_SENDMMSG 345
#define NR32_WRITE 4
#define NR32_WRITEV 146
/* arch/x86/include/asm/thread_info.h */
#define TS_COMPAT 2
#define X32_BIT 0x40000000
#elif defined(__TARGET_ARCH_arm64)
#define NR_CONNECT 203
#define NR_ACCEPT 202
#define NR_ACCEPT4 242
#define NR_SENDTO 206
#define NR_SENDMSG 211
#define NR_SENDMMSG 269
#define NR_WRITE 64
#define NR_WRITEV 66
#define NR32_CONNECT 283
#define NR32_ACCEPT 285
#define NR32_ACCEPT4 366
#define NR32_SENDTO 290
#define NR32_SENDMSG 296
#define NR32_SENDMMSG 374
#define NR32_WRITE 4
#define NR32_WRITEV 146
/* arch/arm64/include/asm/thread_info.h */
#define TIF_32BIT 22
#endif

static __always_inline enum called native_call(long number) {
  switch (number) {
    case NR_CONNECT: return CALLED_CONNECT;
    case NR_ACCEPT:
    case NR_ACCEPT4: return CALLED_ACCEPT;
    case NR_SENDTO: return CALLED_SENDTO;
    case NR_SENDMSG: return CALLED_SENDMSG;
    case NR_SENDMMSG: return CALLED_SENDMMSG;
    case NR_WRITE:
    case NR_WRITEV: return CALLED_WRITE;
  }
  return CALLED_NOTHING;
}

static __always_inline enum called call_of_32_bits(long number) {
  switch (number) {
    case NR32_CONNECT: return CALLED_CONNECT;
#ifdef NR32_ACCEPT
    case NR32_ACCEPT:
#endif
    case NR32_ACCEPT4: return CALLED_ACCEPT;
    case NR32_SENDTO: return CALLED_SENDTO;
    case NR32_SENDMSG: return CALLED_SENDMSG;
    case NR32_SENDMMSG: return CALLED_SENDMMSG;
    case NR32_WRITE:
    case NR32_WRITEV: return CALLED_WRITE;
  }
  return CALLED_NOTHING;
}

#if defined(__TARGET_ARCH_x86)
/* socketcall(2): the number of the call, and where its arguments are. <linux/net.h> */
static __noinline enum called socketcall(struct call *call) {
  __u32 args[6] = {};
  __u64 number = call->args[0];
  enum called called = CALLED_NOTHING;
  if (number == 3) called = CALLED_CONNECT;
  else if (number == 5 || number == 18) called = CALLED_ACCEPT;
  else if (number == 9 || number == 11) called = CALLED_SENDTO;
  else if (number == 16) called = CALLED_SENDMSG;
  else if (number == 20) called = CALLED_SENDMMSG;
  else return CALLED_NOTHING;
  if (bpf_probe_read_user(args, sizeof args, (void *)call->args[1])) return CALLED_NOTHING;
  for (int at = 0; at < 6; at++) call->args[at] = args[at];
  /* send(2) has no address */
  if (number == 9) call->args[4] = call->args[5] = 0;
  return called;
}
#endif

/* Decides by the number alone as long as it can: this runs at each system call of the machine. */
static __always_inline enum called which(struct task_struct *task, struct pt_regs *regs, struct call *call) {
#if defined(__TARGET_ARCH_x86)
  long number = regs->orig_ax & ~X32_BIT;
  call->compat = (task->thread_info.status & TS_COMPAT) != 0;
#else
  long number = regs->syscallno;
  call->compat = (task->thread_info.flags >> TIF_32BIT) & 1;
#endif
  enum called called = call->compat ? call_of_32_bits(number) : native_call(number);
#if defined(__TARGET_ARCH_x86)
  bool indirect = call->compat && number == NR32_SOCKETCALL;
  if (called == CALLED_NOTHING && !indirect) return CALLED_NOTHING;
  if (call->compat) {
    call->args[0] = (__u32)regs->bx;
    call->args[1] = (__u32)regs->cx;
    call->args[2] = (__u32)regs->dx;
    call->args[3] = (__u32)regs->si;
    call->args[4] = (__u32)regs->di;
    call->args[5] = (__u32)regs->bp;
    if (indirect) return socketcall(call);
  } else {
    call->args[0] = regs->di;
    call->args[1] = regs->si;
    call->args[2] = regs->dx;
    call->args[3] = regs->r10;
    call->args[4] = regs->r8;
    call->args[5] = regs->r9;
  }
#else
  if (called == CALLED_NOTHING) return CALLED_NOTHING;
  call->args[0] = regs->orig_x0;
  call->args[1] = regs->regs[1];
  call->args[2] = regs->regs[2];
  call->args[3] = regs->regs[3];
  call->args[4] = regs->regs[4];
  call->args[5] = regs->regs[5];
#endif
  return called;
}

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
