/** What a program does that speaks for others, to go on after its name: `socat, which …`. */
type Reason = string;

const passesOn = 'which passes on what comes at another socket';
const proxy = 'which passes on what its own clients send where it is set up as a proxy';
const pooler = 'which has its own clients share connections';
const forContainers = 'which passes on connections of containers or virtual machines';
const engine = 'which stands between a container and its engine';
const bus = 'a message bus, which passes on what its own clients call';
const portal = 'which acts for programs in a sandbox';

/**
 * Programs whose connections are others' business, by the name of their file: what each is for, by its own manual. Nothing
 * says that each of its connections is of that kind.
 */
export const knownRelays: ReadonlyMap<string, Reason> = new Map([
  // nc(1), ncat(1), socat(1): -U, UNIX-CONNECT
  ...each(['socat', 'nc', 'nc.openbsd', 'ncat', 'websocat'], passesOn),
  // systemd-socket-proxyd(8)
  ...each(['systemd-socket-proxyd'], passesOn),
  // ssh(1): -A, -L, -R; sshd_config(5): AllowAgentForwarding, AllowStreamLocalForwarding. sshd-session: OpenSSH 9.8
  ...each(['ssh', 'sshd', 'sshd-session'], 'which forwards sockets between machines'),
  // waypipe(1)
  ...each(['waypipe'], 'which forwards programs’ windows between machines'),
  // xdg-dbus-proxy(1): flatpak
  ...each(['xdg-dbus-proxy'], 'which passes on D-Bus calls of a sandboxed program'),
  ...each(['xdg-desktop-portal', 'xdg-document-portal', 'flatpak-portal'], portal),
  // dbus-daemon(1), dbus-broker(1)
  ...each(['dbus-daemon', 'dbus-broker'], bus),
  // Xwayland(1)
  ...each(['Xwayland'], 'which draws for X clients at a Wayland compositor'),
  ...each(['haproxy', 'nginx', 'envoy', 'traefik', 'caddy', 'apache2', 'httpd', 'varnishd'], proxy),
  ...each(['pgbouncer', 'pgcat', 'odyssey', 'pgpool', 'proxysql', 'mysqlrouter'], pooler),
  ...each(['docker-proxy', 'slirp4netns', 'pasta', 'passt', 'gvproxy', 'vpnkit', 'krunkit'], forContainers),
  ...each(['containerd-shim', 'containerd-shim-runc-v2', 'conmon', 'conmonrs'], engine),
]);

function each(names: readonly string[], reason: Reason): [string, Reason][] {
  return names.map((name) => [name, reason]);
}
