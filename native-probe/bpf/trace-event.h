/* What trace.bpf.c and messages.bpf.c tell: native-probe/bpf/trace-record.ts reads it. All integers are of the machine's byte order. */
#ifndef PEERPID_TRACE_EVENT_H
#define PEERPID_TRACE_EVENT_H

/* More than a sun_path has: a power of two, by which a length is bounded */
#define ADDRESS_SPACE 128
/* Of all paths together; a component may begin up to there, and has room */
#define TEXT_MOST 768
#define TEXT_SPACE (TEXT_MOST + 256)

enum kind { CONNECT = 1, ACCEPT = 2, END = 3, MESSAGE = 4 };

enum flag {
  /* The address is what was in the memory of the process after the call */
  ADDRESS_CLAIMED = 1,
  /* The descriptor was another socket after the call than before */
  DESCRIPTOR_SWAPPED = 2,
  /* Of a 32-bit program on a 64-bit kernel */
  COMPAT = 4,
  /* The process of record was there when the event was written */
  SERVER_ALIVE = 8,
  /* A path had more components than were read */
  EXE_CUT = 16,
  DIRECTORY_CUT = 32,
  CGROUP_CUT = 64,
  /* The message states who sent it (SCM_CREDENTIALS) */
  STATED = 128,
  /* How long the call took is known */
  TIMED = 256,
};

/* What is decided before the programs are loaded */
struct settings {
  __u32 own_pid_namespace; /* inode number of that of the reader */
  __u8 with_accept;
  __u8 with_end;
};

struct identity {
  __u64 id;      /* pidfd id, 0 before Linux 6.9 */
  __u64 started; /* nanoseconds after boot, 0 for not known */
  __u32 pid;     /* in the PID namespace of the reader, 0 for none there */
  __u32 uid;     /* effective ids, of the initial user namespace */
  __u32 gid;
  __u32 real_uid;
  char comm[16];
};

struct event {
  __u64 time; /* nanoseconds after boot, at the end of the call */
  __u64 took; /* nanoseconds */
  __u64 socket;    /* inode number of the socket that the call was made on */
  __u64 other;     /* inode number of the other end's, or of the listener's; 0 for not known */
  __u64 server_end; /* tells apart the server's ends of connections: a kernel address, never shown */
  __u32 kind;
  __s32 result; /* of the call: negated errno, or what it returned */
  __u32 flags;
  __u32 type; /* SOCK_STREAM and so on */
  __u32 network_namespace;
  __u32 thread; /* in the PID namespace of the reader, as pid */
  __u32 exit_status;
  __u32 stated_pid, stated_uid, stated_gid;
  __u16 exe_length, directory_length, cgroup_length, address_length;
  struct identity client;
  struct identity server;
  char address[ADDRESS_SPACE]; /* sun_path */
  /* The executable, the directory and the cgroup, one after the other, of each the last component first, each with a NUL
     after it. A record ends with the last that is used */
  char text[TEXT_SPACE];
};

#endif
