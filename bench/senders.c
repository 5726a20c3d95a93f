// senders PATH PROCESSES WARM MEASURE: sends small datagrams without pause, and prints datagrams a second.
//
// As in clients.c only what happens between WARM and WARM + MEASURE
// (milliseconds) is counted: the receiver's queue is full by then, and senders
// wait for it, so that what is printed is the receiver's rate.
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

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  int processes = atoi(argv[2]);
  if (processes < 1 || processes > 64) return 2;
  uint64_t *sent = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  // The receiver may still be starting
  for (double limit = now() + 10; connect(fd, (const void *)&address, sizeof address) < 0; sleep_ms(10))
    if (now() > limit) return 1;
  pid_t children[64];
  for (int i = 0; i < processes; i++) {
    if ((children[i] = fork()) == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      int own = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      if (connect(own, (const void *)&address, sizeof address) < 0) _exit(1);
      while (send(own, "a small datagram", 16, 0) == 16) __atomic_add_fetch(&sent[8 * i], 1, __ATOMIC_RELAXED);
      _exit(1);
    }
  }
  sleep_ms(atol(argv[3]));
  uint64_t before = 0, after = 0;
  double start = now();
  for (int i = 0; i < processes; i++) before += __atomic_load_n(&sent[8 * i], __ATOMIC_RELAXED);
  sleep_ms(atol(argv[4]));
  for (int i = 0; i < processes; i++) after += __atomic_load_n(&sent[8 * i], __ATOMIC_RELAXED);
  double seconds = now() - start;
  for (int i = 0; i < processes; i++) kill(children[i], SIGKILL);
  while (wait(NULL) > 0) {}
  printf("%.0f\n", (after - before) / seconds);
}
