/* Usage: exec-hang DEVICE DIRECTORY SOCKET [connect|wait]
 * A listener (or a client, which begins at once, or when a byte comes) that sleeps for ever in the middle of execve(2): the kernel closes a file of a FUSE of its own there, whose
 * FLUSH is never answered, and holds the process's exec_update_lock meanwhile. fs/exec.c, begin_new_exec() */
#include "fuse-hang.h"

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  char file[300]; snprintf(file, sizeof file, "%s/f", argv[2]);
  int fuse = fuse_mount(argv[1], argv[2]);
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(fuse);
    int s = argc > 4 ? unix_connect(argv[3]) : unix_listen(argv[3]);
    if (open(file, O_RDWR | O_CLOEXEC) < 0) die(file);
    fprintf(stderr, "ready %d\n", getpid());
    if (argc > 4 && !strcmp(argv[4], "wait") && read(s, file, 1) != 1) die("read");
    execl("/bin/sleep", "sleep", "infinity", (char *)0);
    die("execl");
  }
  fuse_serve(fuse);
}
