/** The names on the way, without the `..` of a cgroup outside our cgroup namespace and the mark of a removed one. */
export function namesOnTheWay(cgroup: string): string[] {
  return cgroup
    .replace(/ \(deleted\)$/, '')
    .split('/')
    .filter((name) => name !== '' && name !== '..')
    .map(unescapedUnit);
}

/** systemd puts `_` before a name that would clash with a file of cgroupfs. */
export function unescapedUnit(name: string): string {
  return name.startsWith('_') ? name.slice(1) : name;
}
