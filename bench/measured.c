// measured PROGRAM [ARGUMENT...]: runs it, and writes what it took to descriptor 3.
//
// One line: its exit status (128 + N after signal N), seconds from start to
// end, seconds of processor time in user and in kernel mode, and the most KiB
// of memory it had resident, all with its children that it waited for
// (getrusage(2)). The peak starts with ours, which is why this is not in
// Node: execve(2) keeps it.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static double seconds(struct timeval time) {
  return time.tv_sec + time.tv_usec / 1e6;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  double start = now();
  pid_t child = fork();
  if (child == 0) {
    close(3);
    execvp(argv[1], argv + 1);
    perror(argv[1]);
    _exit(127);
  }
  int status;
  struct rusage used;
  if (child < 0 || wait4(child, &status, 0, &used) < 0) return 1;
  double wall = now() - start;
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  dprintf(3, "%d %.6f %.6f %.6f %ld\n", code, wall, seconds(used.ru_utime), seconds(used.ru_stime), used.ru_maxrss);
}
