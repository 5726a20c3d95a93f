// clients PATH PROCESSES [WARM MEASURE]...: connects and closes without pause, and prints connections a second.
//
// Only what happens in MEASURE milliseconds after each WARM is counted, a line
// each. By then the backlog is full, and stays full, so that clients get on as
// fast as the server accepts: what is printed is the server's rate.
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void sleep_ms(long milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, NULL);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static int connect_once(const struct sockaddr_un *address) {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int result = connect(fd, (const void *)address, sizeof *address);
  close(fd);
  return result;
}

/** Connections of each process, each in a cache line of its own. */
static uint64_t *made;

static uint64_t made_by(int processes) {
  uint64_t sum = 0;
  for (int i = 0; i < processes; i++) sum += __atomic_load_n(&made[8 * i], __ATOMIC_RELAXED);
  return sum;
}

int main(int argc, char **argv) {
  if (argc < 5 || argc % 2 == 0) return 2;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  int processes = atoi(argv[2]);
  made = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  // The server may still be starting
  for (double limit = now() + 10; connect_once(&address) < 0; sleep_ms(10))
    if (now() > limit) return 1;
  pid_t children[64];
  if (processes < 1 || processes > 64) return 2;
  for (int i = 0; i < processes; i++) {
    if ((children[i] = fork()) == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      while (connect_once(&address) == 0) __atomic_add_fetch(&made[8 * i], 1, __ATOMIC_RELAXED);
      _exit(1);
    }
  }
  for (int window = 3; window < argc; window += 2) {
    sleep_ms(atol(argv[window]));
    uint64_t before = made_by(processes);
    double start = now();
    sleep_ms(atol(argv[window + 1]));
    printf("%.0f\n", (made_by(processes) - before) / (now() - start));
  }
  for (int i = 0; i < processes; i++) kill(children[i], SIGKILL);
  while (wait(NULL) > 0) {}
}
