// All AF_UNIX sockets that processes have open, and who is at their other ends: iter/task_file, Linux 5.11. It changes nothing.
#include "kernel.h"
#include "socket-record.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "GPL";

/* In socket.flags before Linux 6.16. <linux/net.h> */
enum { SOCK_PASSCRED = 3, SOCK_PASSSEC = 4, SOCK_PASSPIDFD = 7 };

/* The number that the PID namespace of the reader, who is the current process, has for it: as pid_nr_ns() */
static __noinline __u32 number_of(struct pid *pid) {
  struct task_struct *reader = (void *)bpf_get_current_task();
  struct pid *own = BPF_CORE_READ(reader, thread_pid);
  unsigned int level = BPF_CORE_READ(own, level);
  if (level == 0) return BPF_CORE_READ(pid, numbers[0].nr);
  if (level > 32 || level > BPF_CORE_READ(pid, level)) return 0;
  const unsigned long at = bpf_core_field_offset(struct pid, numbers) + level * bpf_core_type_size(struct upid);
  struct upid *ours = (void *)own + at, *theirs = (void *)pid + at;
  return BPF_CORE_READ(ours, ns) == BPF_CORE_READ(theirs, ns) ? BPF_CORE_READ(theirs, nr) : 0;
}

static __always_inline __u64 id_of(struct pid *pid) {
  return bpf_core_field_exists(pid->ino) ? pid->ino : 0;
}

static __always_inline bool is_ring(struct file *file) {
  char name[11] = {};
  bpf_probe_read_kernel_str(name, sizeof name, file->f_path.dentry->d_name.name);
  const char ring[] = "[io_uring]";
  for (int at = 0; at < (int)sizeof ring; at++)
    if (name[at] != ring[at]) return false;
  return true;
}

static __always_inline __u16 asks_of(struct socket *socket, struct sock *sk) {
  if (bpf_core_field_exists(sk->sk_scm_rights)) {
    return (BPF_CORE_READ_BITFIELD(sk, sk_scm_credentials) ? ASKS_CRED : 0) |
           (BPF_CORE_READ_BITFIELD(sk, sk_scm_pidfd) ? ASKS_PIDFD : 0) |
           (BPF_CORE_READ_BITFIELD(sk, sk_scm_security) ? ASKS_SEC : 0) |
           (BPF_CORE_READ_BITFIELD(sk, sk_scm_rights) ? ASKS_RIGHTS : 0);
  }
  unsigned long flags = socket->flags;
  // Every socket takes descriptors
  return ASKS_RIGHTS | (flags & 1 << SOCK_PASSCRED ? ASKS_CRED : 0) |
         (flags & 1 << SOCK_PASSPIDFD ? ASKS_PIDFD : 0) | (flags & 1 << SOCK_PASSSEC ? ASKS_SEC : 0);
}

static __always_inline void tell_groups(struct socket_record *record, const struct cred *cred) {
  struct group_info *info = cred->group_info;
  __u32 count = info->ngroups;
  record->group_count = count;
  if (count == 0 || count > GROUPS_MOST) return;
  void *from = (void *)info + bpf_core_field_offset(struct group_info, gid);
  bpf_probe_read_kernel(record->groups, count * sizeof record->groups[0], from);
}

static __always_inline void tell_recorded(struct socket_record *record, struct sock *sk) {
  struct pid *pid = sk->sk_peer_pid;
  const struct cred *cred = sk->sk_peer_cred;
  record->recorded_uid = record->recorded_gid = -1;
  if (pid) {
    record->recorded_id = id_of(pid);
    record->recorded_pid = number_of(pid);
    if (pid->tasks[PIDTYPE_TGID].first) record->flags |= ALIVE;
  }
  if (cred) {
    record->recorded_uid = cred->euid.val;
    record->recorded_gid = cred->egid.val;
    tell_groups(record, cred);
  }
  if (pid && cred) record->flags |= RECORDED;
  // By listen(2), which lets go of both: what was read may be another's already
  if (pid != BPF_CORE_READ(sk, sk_peer_pid) || cred != BPF_CORE_READ(sk, sk_peer_cred)) record->flags |= CHANGED;
}

static __always_inline void tell_peer(struct socket_record *record, struct sock *sk) {
  struct sock *peer = BPF_CORE_READ((struct unix_sock *)sk, peer);
  struct socket *socket = peer ? BPF_CORE_READ(peer, sk_socket) : 0;
  if (!socket) return;
  __u32 inode = BPF_CORE_READ((struct socket_alloc *)socket, vfs_inode.i_ino);
  if (peer == BPF_CORE_READ((struct unix_sock *)sk, peer)) record->peer_inode = inode;
}

SEC("iter/task_file")
int sockets(struct bpf_iter__task_file *context) {
  struct file *file = context->file;
  struct task_struct *task = context->task;
  if (!file || !task) return 0;
  struct socket_record record = {};
  if ((file->f_inode->i_mode & S_IFMT) == S_IFSOCK) {
    struct socket *socket = bpf_sock_from_file(file);
    struct sock *sk = socket ? socket->sk : 0;
    if (!sk || sk->__sk_common.skc_family != AF_UNIX) return 0;
    record.inode = file->f_inode->i_ino;
    record.cookie = sk->__sk_common.skc_cookie.counter;
    record.network_namespace = sk->__sk_common.skc_net.net->ns.inum;
    record.queued = sk->sk_receive_queue.qlen;
    record.backlog = sk->sk_max_ack_backlog;
    record.type = sk->sk_type;
    record.state = sk->__sk_common.skc_state;
    record.flags = asks_of(socket, sk);
    tell_recorded(&record, sk);
    tell_peer(&record, sk);
  } else if (is_ring(file)) {
    record.flags = RING;
  } else {
    return 0;
  }
  struct pid *holder = task->signal->pids[PIDTYPE_TGID];
  record.holder_id = id_of(holder);
  record.holder = number_of(holder);
  record.thread = task->group_leader == task ? record.holder : number_of(task->thread_pid);
  record.fd = context->fd;
  // What finds no room is asked for again by the next read(2)
  return bpf_seq_write(context->meta->seq, &record, sizeof record) ? 1 : 0;
}
