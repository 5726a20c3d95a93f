/* Usage: flush-hang DEVICE DIRECTORY SOCKET stream|dgram COUNT
 * Sends COUNT messages with a descriptor of a FUSE file of its own each, and one without. close(2) of the file asks the
 * FUSE to flush, and sleeps until that answers, which it never does. */
#include "fuse-hang.h"

static void pass(int s, int fd) {
  char control[CMSG_SPACE(sizeof fd)]; struct iovec v = {"hello", 5};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *c = CMSG_FIRSTHDR(&m); c->cmsg_level = SOL_SOCKET; c->cmsg_type = SCM_RIGHTS; c->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(c), &fd, sizeof fd);
  if (sendmsg(s, &m, 0) < 0) die("sendmsg");
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  char file[300]; snprintf(file, sizeof file, "%s/f", argv[2]);
  int fuse = fuse_mount(argv[1], argv[2]);
  if ((fuse_friend = fork()) == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(fuse);
    int fd = open(file, O_RDWR); if (fd < 0) die(file);
    fprintf(stderr, "ready %d\n", getpid());
    struct sockaddr_un a = {.sun_family = AF_UNIX}; strncpy(a.sun_path, argv[3], sizeof a.sun_path - 1);
    int s = socket(AF_UNIX, strcmp(argv[4], "dgram") ? SOCK_STREAM : SOCK_DGRAM, 0);
    if (connect(s, (void *)&a, sizeof a)) die("connect");
    for (int count = atoi(argv[5]); count > 0; count--) pass(s, fd);
    if (send(s, "plain", 5, 0) < 0) die("send");
    pause();
  }
  fuse_serve(fuse);
}
