#!/usr/bin/busybox sh
# The first process of the machine in which the tests run. What it and they print goes to the console,
# which is kept for the case that something fails; what comes of the tests goes to another serial port, which the
# kernel was told of on its command line.
bb=/usr/bin/busybox
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb PEERPID_TEST_PATIENCE=6

$bb mount -t proc proc /proc
$bb mount -t sysfs sysfs /sys
$bb mount -t devtmpfs devtmpfs /dev
$bb mkdir -p /dev/pts /dev/shm
$bb mount -t devpts devpts /dev/pts
$bb mount -t tmpfs -o mode=1777 tmpfs /dev/shm
$bb mount -t tmpfs -o mode=1777 tmpfs /tmp
$bb mount -t tmpfs -o mode=755 tmpfs /run
$bb mount -t securityfs securityfs /sys/kernel/security
$bb mount -t bpf bpf /sys/fs/bpf
$bb mount -t cgroup2 cgroup2 /sys/fs/cgroup
$bb ln -s /proc/self/fd /dev/fd
# Programs that this machine has of its own stay
$bb --install -s /usr/bin 2>/dev/null
ip link set lo up
hostname guest
stty -F "$peerpid_port" raw -echo
# Tests hide a library from it
ldconfig
for module in /lib/modules/"$(uname -r)"/*.ko; do insmod "$module"; done

cd /peerpid || exit 1
# shellcheck disable=SC2046 -- a list of files
node node_modules/mocha/bin/mocha.js --no-config --forbid-only --exit --timeout 30000 \
  --reporter build/test/other-kernels/event-reporter.js --reporter-option port="$peerpid_port" $(cat /tests)
echo "the tests ended with $?"
poweroff -f
