/* Usage: flush-hang DEVICE DIRECTORY SOCKET [dgram]  sends one message with a descriptor of a FUSE file of its own.
 * close(2) of it asks the FUSE to flush, and sleeps until that answers, which it never does. */
#include "fuse-hang.h"

static void pass(const char *path, int type, int fd) {
  struct sockaddr_un a = {.sun_family = AF_UNIX}; strncpy(a.sun_path, path, sizeof a.sun_path - 1);
  int s = socket(AF_UNIX, type, 0); if (connect(s, (void *)&a, sizeof a)) die("connect");
  char control[CMSG_SPACE(sizeof fd)]; struct iovec v = {"hello", 5};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *c = CMSG_FIRSTHDR(&m); c->cmsg_level = SOL_SOCKET; c->cmsg_type = SCM_RIGHTS; c->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(c), &fd, sizeof fd);
  if (sendmsg(s, &m, 0) < 0) die("sendmsg");
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  char file[300]; snprintf(file, sizeof file, "%s/f", argv[2]);
  int fuse = fuse_mount(argv[1], argv[2]);
  if ((fuse_friend = fork()) == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(fuse);
    int fd = open(file, O_RDWR); if (fd < 0) die(file);
    fprintf(stderr, "ready %d\n", getpid());
    pass(argv[3], argc > 4 ? SOCK_DGRAM : SOCK_STREAM, fd);
    pause();
  }
  fuse_serve(fuse);
}
