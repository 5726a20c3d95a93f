/* Usage: exec-herd DEVICE DIRECTORY NUMBER MICROSECONDS
 * So many processes, each with a socketpair, which begin to sleep for ever in the middle of execve(2) as exec-hang does, one
 * after the other in so many microseconds, from SIGUSR1 to the process that it says is `ready` on. */
#include "fuse-hang.h"

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  char file[300]; snprintf(file, sizeof file, "%s/f", argv[2]);
  int number = atoi(argv[3]), fuse = fuse_mount(argv[1], argv[2]), turn[2], done[2];
  if (pipe(turn) || pipe(done)) die("pipe");
  sigset_t usr1; sigemptyset(&usr1); sigaddset(&usr1, SIGUSR1); sigprocmask(SIG_BLOCK, &usr1, NULL);
  for (int n = 0; n < number; n++) {
    if (fork()) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(fuse);
    int pair[2]; char byte; if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) die("socketpair");
    if (open(file, O_RDWR | O_CLOEXEC) < 0) die(file);
    if (write(done[1], "", 1) != 1 || read(turn[0], &byte, 1) != 1) die("turn");
    execl("/bin/sleep", "sleep", "infinity", (char *)0);
    die("execl");
  }
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(fuse);
    char byte; for (int n = 0; n < number; n++) if (read(done[0], &byte, 1) != 1) die("done");
    fprintf(stderr, "ready %d\n", getpid());
    int signal; sigwait(&usr1, &signal);
    for (int n = 0; n < number; n++) { if (write(turn[1], "", 1) != 1) die("write"); usleep(atoi(argv[4])); }
    for (;;) pause();
  }
  fuse_serve(fuse);
}
