const own = ['--pid', '--fork', '--mount-proc', '--kill-child'];
const asUser = ['--user', '--map-root-user'];

/** The command that runs another one in a PID namespace of its own; undefined where none may be made. */
export async function namespaceCommand(processes) {
  const ways = process.geteuid() === 0 ? [[], asUser] : [asUser];
  for (const way of ways) {
    const command = ['unshare', ...way, ...own];
    const [unshare, ...args] = [...command, 'test', '-w', '/proc/sys/kernel/ns_last_pid'];
    if ((await processes.start(unshare, args, { stdio: 'ignore' }).status) === 0) return command;
  }
  return undefined;
}
