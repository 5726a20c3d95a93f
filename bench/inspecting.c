// inspecting PATH: what `peerpid inspect --json PATH` does, in C
#include "peer.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>

/** The inode of the listener that is bound to the file: a dump of all that listen, as peerpid asks for. */
static unsigned inode_of(const struct stat *file) {
  struct {
    struct nlmsghdr header;
    struct unix_diag_req request;
  } ask = {{sizeof ask, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 0, 0},
           {.sdiag_family = AF_UNIX,
            .udiag_states = 1 << 10,
            .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN,
            .udiag_cookie = {~0u, ~0u}}};
  static char buffer[65536];
  unsigned found = 0;
  int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  send(netlink, &ask, sizeof ask, 0);
  for (int done = 0; !done;) {
    int length = recv(netlink, buffer, sizeof buffer, 0);
    if (length < 0) break;
    for (struct nlmsghdr *message = (void *)buffer; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
      if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
        done = 1;
        break;
      }
      struct unix_diag_msg *socket = NLMSG_DATA(message);
      int rest = message->nlmsg_len - NLMSG_LENGTH(sizeof *socket);
      for (struct nlattr *at = (void *)(socket + 1); rest > (int)sizeof *at && at->nla_len >= sizeof *at;) {
        struct unix_diag_vfs *vfs = (void *)(at + 1);
        if (at->nla_type == UNIX_DIAG_VFS && vfs->udiag_vfs_ino == file->st_ino) found = socket->udiag_ino;
        int step = NLA_ALIGN(at->nla_len);
        rest -= step;
        at = (void *)((char *)at + step);
      }
    }
  }
  close(netlink);
  return found;
}

static void say_holder(int pid, const char *fds) {
  static char stat[4096];
  char path[64];
  int pidfd = syscall(SYS_pidfd_open, pid, 0);
  struct stat file = {0};
  fstat(pidfd, &file);
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  slurp(path, stat, sizeof stat);
  int still = info_of(pidfd) == pid;
  close(pidfd);
  if (still) say("%s{\"pid\":%d,\"pidfdId\":%lu,\"fds\":[%s]}", out[used - 1] == '[' ? "" : ",", pid, file.st_ino, fds);
}

static void say_holders(unsigned inode) {
  char wanted[32], path[300], link[64], fds[4096];
  snprintf(wanted, sizeof wanted, "socket:[%u]", inode);
  say(",\"holders\":[");
  DIR *processes = opendir("/proc");
  for (struct dirent *process; (process = readdir(processes)) != NULL;) {
    int pid = atoi(process->d_name);
    if (pid == 0) continue;
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *descriptors = opendir(path);
    if (descriptors == NULL) continue;
    size_t length = 0;
    for (struct dirent *fd; (fd = readdir(descriptors)) != NULL;) {
      if (fd->d_name[0] == '.') continue;
      snprintf(path, sizeof path, "/proc/%d/fd/%s", pid, fd->d_name);
      link_of(path, link, sizeof link);
      if (strcmp(link, wanted) == 0 && length + 16 < sizeof fds)
        length += snprintf(fds + length, sizeof fds - length, length ? ",%s" : "%s", fd->d_name);
    }
    closedir(descriptors);
    if (length > 0) say_holder(pid, fds);
  }
  closedir(processes);
  say("]");
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  struct stat file;
  if (stat(argv[1], &file) < 0) return 1;
  struct sockaddr_un address = address_of(argv[1]);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connect(fd, (void *)&address, sizeof address) < 0) return 1;
  learn_system();
  unsigned inode = inode_of(&file);
  unsigned long id;
  say("{\"socket\":{\"type\":\"stream\",\"state\":\"listening\",\"inode\":%u,\"mode\":\"%04o\",\"address\":", inode,
      file.st_mode & 07777);
  say_string(argv[1], strlen(argv[1]));
  say("},");
  static struct look look;
  int looked = 0;
  say_peer(fd, &id, &look, &looked);
  say_holders(inode);
  say("}\n");
  flush_out();
}
