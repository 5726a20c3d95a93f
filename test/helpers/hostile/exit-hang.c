/* Usage: exit-hang DEVICE DIRECTORY SOCKET  a child connects, and holds a FUSE file of its own. Killed, it sleeps in
 * _exit(2): that closes the file, and asks the FUSE to flush, which never answers. */
#include "fuse-hang.h"

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  char file[300]; snprintf(file, sizeof file, "%s/f", argv[2]);
  int fuse = fuse_mount(argv[1], argv[2]);
  if (fork() == 0) {
    close(fuse);
    if (open(file, O_RDWR) < 0) die(file);
    unix_connect(argv[3]);
    fprintf(stderr, "ready %d\n", getpid());
    pause();
  }
  fuse_serve(fuse);
}
