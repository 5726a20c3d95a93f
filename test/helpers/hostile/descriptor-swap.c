/* Usage: descriptor-swap DEVICE DIRECTORY COUNT
 * Listens on COUNT sockets, whose descriptors it makes a FUSE's file and back again, without end; descriptor 9 is such a
 * file all the time. close(2) of a duplicate of that file, by anybody but this process, never ends. */
#include "fuse-hang.h"

enum { first = 20, changing = 9 };

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  char file[300]; snprintf(file, sizeof file, "%s/f", argv[2]);
  int count = atoi(argv[3]), fuse = fuse_mount(argv[1], argv[2]);
  if ((fuse_friend = fork()) == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(fuse);
    int fd = open(file, O_RDWR); if (fd < 0) die(file);
    if (dup2(fd, changing) < 0) die("dup2");
    for (int n = 0; n < count; n++) {
      char name[60]; snprintf(name, sizeof name, "@swap-%d-%d", getpid(), n);
      int s = unix_listen(name);
      if (dup2(s, first + n) < 0 || dup2(s, first + count + n) < 0) die("dup2");
      if (s < first || s >= first + 2 * count) close(s);
    }
    fprintf(stderr, "ready %d\n", getpid());
    for (;;) {
      for (int n = 0; n < count; n++) dup2(fd, first + n);
      usleep(200);
      for (int n = 0; n < count; n++) dup2(first + count + n, first + n);
      usleep(200);
    }
  }
  fuse_serve(fuse);
}
