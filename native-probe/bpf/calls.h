/*
 * Which system call it is, with its arguments: native, and of 32-bit programs on a 64-bit kernel. Those that send, where
 * TELLS_MESSAGES is defined; else connect(2) and accept(2).
 */
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
#ifndef TELLS_MESSAGES
    case NR_CONNECT: return CALLED_CONNECT;
    case NR_ACCEPT:
    case NR_ACCEPT4: return CALLED_ACCEPT;
#else
    case NR_SENDTO: return CALLED_SENDTO;
    case NR_SENDMSG: return CALLED_SENDMSG;
    case NR_SENDMMSG: return CALLED_SENDMMSG;
    case NR_WRITE:
    case NR_WRITEV: return CALLED_WRITE;
#endif
  }
  return CALLED_NOTHING;
}

static __always_inline enum called call_of_32_bits(long number) {
  switch (number) {
#ifndef TELLS_MESSAGES
    case NR32_CONNECT: return CALLED_CONNECT;
#ifdef NR32_ACCEPT
    case NR32_ACCEPT:
#endif
    case NR32_ACCEPT4: return CALLED_ACCEPT;
#else
    case NR32_SENDTO: return CALLED_SENDTO;
    case NR32_SENDMSG: return CALLED_SENDMSG;
    case NR32_SENDMMSG: return CALLED_SENDMMSG;
    case NR32_WRITE:
    case NR32_WRITEV: return CALLED_WRITE;
#endif
  }
  return CALLED_NOTHING;
}

#if defined(__TARGET_ARCH_x86)
/* socketcall(2): the number of the call, and where its arguments are. <linux/net.h> */
static __noinline enum called socketcall(struct call *call) {
  __u32 args[6] = {};
  __u64 number = call->args[0];
  enum called called = CALLED_NOTHING;
#ifndef TELLS_MESSAGES
  if (number == 3) called = CALLED_CONNECT;
  else if (number == 5 || number == 18) called = CALLED_ACCEPT;
#else
  if (number == 9 || number == 11) called = CALLED_SENDTO;
  else if (number == 16) called = CALLED_SENDMSG;
  else if (number == 20) called = CALLED_SENDMMSG;
#endif
  else return CALLED_NOTHING;
  if (bpf_probe_read_user(args, sizeof args, (void *)call->args[1])) return CALLED_NOTHING;
  for (int at = 0; at < 6; at++) call->args[at] = args[at];
  /* send(2) has no address */
  if (number == 9) call->args[4] = call->args[5] = 0;
  return called;
}
#endif

/* @param called - what its number says @returns the same, but for socketcall(2) */
static __noinline enum called take_arguments(struct pt_regs *regs, struct call *call, enum called called) {
#if defined(__TARGET_ARCH_x86)
  if (call->compat) {
    call->args[0] = (__u32)regs->bx;
    call->args[1] = (__u32)regs->cx;
    call->args[2] = (__u32)regs->dx;
    call->args[3] = (__u32)regs->si;
    call->args[4] = (__u32)regs->di;
    call->args[5] = (__u32)regs->bp;
    if (called == CALLED_NOTHING) return socketcall(call);
  } else {
    call->args[0] = regs->di;
    call->args[1] = regs->si;
    call->args[2] = regs->dx;
    call->args[3] = regs->r10;
    call->args[4] = regs->r8;
    call->args[5] = regs->r9;
  }
#else
  call->args[0] = regs->orig_x0;
  call->args[1] = regs->regs[1];
  call->args[2] = regs->regs[2];
  call->args[3] = regs->regs[3];
  call->args[4] = regs->regs[4];
  call->args[5] = regs->regs[5];
#endif
  return called;
}

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
  if (called == CALLED_NOTHING && !(call->compat && number == NR32_SOCKETCALL)) return CALLED_NOTHING;
#else
  if (called == CALLED_NOTHING) return CALLED_NOTHING;
#endif
  return take_arguments(regs, call, called);
}

#endif
