/* Connects to a listener of its own, so many times a second, and says how long connect(2) took: RATE SECONDS */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  double rate = atof(argv[1]), end = now() + atof(argv[2]), start = now(), spent = 0;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(argv[3]);
  if (length > sizeof address.sun_path - 1) return 2;
  memcpy(address.sun_path + 1, argv[3], length);
  socklen_t size = sizeof address.sun_family + 1 + length;
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (void *)&address, size) || listen(listener, 16)) return perror("listen"), 1;
  long times = 0;
  for (; now() < end; times++) {
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    double before = now();
    if (connect(client, (void *)&address, size)) return perror("connect"), 1;
    spent += now() - before;
    close(accept(listener, 0, 0));
    close(client);
    double wait = start + (times + 1) / rate - now();
    if (wait > 0) nanosleep(&(struct timespec){0, wait * 1e9}, 0);
  }
  printf("%ld %.3f\n", times, spent / times * 1e6);
}
