/*
 * What the programs read of the kernel: only the fields that they use. libbpf
 * finds where each is in the running kernel (CO-RE), so one object fits all.
 * Written by hand rather than taken from a running kernel, so that the objects
 * are the same wherever they are made.
 */
#ifndef PEERPID_KERNEL_H
#define PEERPID_KERNEL_H

typedef unsigned char __u8;
typedef short int __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;

/* <linux/bpf.h> */
enum {
  BPF_MAP_TYPE_ARRAY = 2,
  BPF_MAP_TYPE_PERCPU_ARRAY = 6,
  BPF_MAP_TYPE_LRU_HASH = 9,
  BPF_MAP_TYPE_RINGBUF = 27,
};
enum { BPF_ANY = 0 };
enum { false = 0, true = 1 };

#define AF_UNIX 1
#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define PIDTYPE_TGID 1

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct hlist_node {
  struct hlist_node *next;
};
struct hlist_head {
  struct hlist_node *first;
};

struct ns_common {
  unsigned int inum;
};
struct pid_namespace {
  struct ns_common ns;
};
struct net {
  struct ns_common ns;
};
struct upid {
  int nr;
  struct pid_namespace *ns;
};
struct pid {
  unsigned int level;
  __u64 ino; /* Linux 6.9 */
  struct hlist_head tasks[4];
  struct upid numbers[1];
};

typedef struct {
  unsigned int val;
} kuid_t;
typedef struct {
  unsigned int val;
} kgid_t;
struct group_info {
  int ngroups;
  kgid_t gid[0];
};
struct cred {
  kuid_t uid;
  kgid_t gid;
  kuid_t euid;
  kgid_t egid;
  struct group_info *group_info;
};

struct qstr {
  const unsigned char *name;
};
struct dentry {
  struct dentry *d_parent;
  struct qstr d_name;
};
struct vfsmount {
  struct dentry *mnt_root;
};
struct mount {
  struct mount *mnt_parent;
  struct dentry *mnt_mountpoint;
  struct vfsmount mnt;
};
struct path {
  struct vfsmount *mnt;
  struct dentry *dentry;
};
struct inode {
  unsigned short i_mode;
  unsigned long i_ino;
};
struct file {
  struct inode *f_inode;
  void *private_data;
  struct path f_path;
};
struct fdtable {
  unsigned int max_fds;
  struct file **fd;
};
struct files_struct {
  struct fdtable *fdt;
};
struct fs_struct {
  struct path pwd;
};
struct mm_struct {
  struct file *exe_file;
};

struct kernfs_node {
  struct kernfs_node *__parent; /* Linux 6.15 */
  const char *name;
  __u64 id;
};
/* Before: the same field by another name */
struct kernfs_node___before_6_15 {
  struct kernfs_node *parent;
};
struct cgroup {
  struct kernfs_node *kn;
};
struct css_set {
  struct cgroup *dfl_cgrp;
};

typedef struct {
  int counter;
} atomic_t;
struct signal_struct {
  atomic_t live;
  struct pid *pids[4];
};
struct thread_info {
  unsigned long flags;
  __u32 status; /* x86 */
};
struct task_struct {
  struct thread_info thread_info;
  int exit_code;
  __u64 start_boottime;
  struct task_struct *group_leader;
  struct pid *thread_pid;
  struct hlist_node pid_links[4];
  const struct cred *cred;
  char comm[16];
  struct fs_struct *fs;
  struct files_struct *files;
  struct signal_struct *signal;
  struct mm_struct *mm;
  struct css_set *cgroups;
};

struct sock_common {
  unsigned short skc_family;
  volatile unsigned char skc_state;
  struct {
    struct net *net;
  } skc_net;
  struct {
    __s64 counter;
  } skc_cookie;
};
struct sk_buff_head {
  __u32 qlen;
};
struct socket;
struct sock {
  struct sock_common __sk_common;
  struct sk_buff_head sk_receive_queue;
  __u16 sk_type;
  __u32 sk_max_ack_backlog;
  /* Linux 6.16 */
  __u8 sk_scm_credentials : 1, sk_scm_security : 1, sk_scm_pidfd : 1, sk_scm_rights : 1;
  struct pid *sk_peer_pid;
  const struct cred *sk_peer_cred;
  struct socket *sk_socket;
};
struct socket {
  unsigned long flags;
  struct file *file;
  struct sock *sk;
};
struct socket_alloc {
  struct socket socket;
  struct inode vfs_inode;
};
struct sockaddr_un {
  char sun_path[108];
};
struct unix_address {
  int len;
  struct sockaddr_un name[0];
};
struct unix_sock {
  struct sock sk;
  struct unix_address *addr;
  struct sock *peer;
  struct sock *listener; /* Linux 6.10 */
};

struct seq_file;
struct bpf_iter_meta {
  struct seq_file *seq;
};
struct bpf_iter__task_file {
  struct bpf_iter_meta *meta;
  struct task_struct *task;
  __u32 fd;
  struct file *file;
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
  unsigned long r10, r9, r8, dx, cx, bx, si, di, bp, orig_ax;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
  unsigned long regs[31];
  unsigned long orig_x0;
  int syscallno;
};
#endif

#pragma clang attribute pop

#endif
