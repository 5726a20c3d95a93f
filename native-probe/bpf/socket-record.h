/* What sockets.bpf.c writes: native-probe/bpf/socket-records.ts reads it. All integers are of the machine's byte order. */
#ifndef PEERPID_SOCKET_RECORD_H
#define PEERPID_SOCKET_RECORD_H

#define GROUPS_MOST 9

enum flag {
  /* What the socket asks to be told of senders: asksBit of native-probe/socket-answers.ts */
  ASKS_CRED = 1,
  ASKS_PIDFD = 2,
  ASKS_SEC = 4,
  ASKS_RIGHTS = 8,
  /* The kernel has a credential for the socket */
  RECORDED = 16,
  /* The process of record is not reaped */
  ALIVE = 32,
  /* The credential became another one while it was read */
  CHANGED = 64,
  /* No socket, but an io_uring instance: only whose it is, and its descriptor, are told */
  RING = 128,
};

/* One descriptor of a socket */
struct socket_record {
  __u64 holder_id;         /* pidfd id of the process that has it, 0 before Linux 6.9 */
  __u64 recorded_id;       /* of the process of record */
  __u64 cookie;            /* 0 where nobody has asked for it yet */
  __u32 inode;
  __u32 peer_inode;        /* 0 without another end, or where that is not accepted or closed */
  __u32 network_namespace; /* inode number */
  __u32 holder;            /* in the PID namespace of the reader */
  __u32 thread;            /* that has the table of descriptors; the number of the process for the process's own */
  __u32 fd;
  __u32 recorded_pid;      /* in the PID namespace of the reader, 0 for none there */
  __u32 recorded_uid;      /* effective ids, of the initial user namespace */
  __u32 recorded_gid;
  __u32 queued;            /* messages that wait here, of a listener clients */
  __u32 backlog;           /* what was given to listen(2) */
  __u8 type;               /* SOCK_STREAM and so on */
  __u8 state;              /* TCP_LISTEN and so on */
  __u16 flags;
  __u32 group_count;       /* supplementary groups of the credential */
  __u32 groups[GROUPS_MOST]; /* all of them, or none where there are more */
};

#endif
