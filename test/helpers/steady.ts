import type { Unavailable } from '../../src/document/unavailable.js';

// Times are shown as of here
process.env['TZ'] = 'UTC';

/** What is another number each time, by the names of its fields. */
const varying = /(?<="(?:pid|pidfdId|inode|fd)":|\bPID )\d+|\d+(?=\/fd\/)/g;

/**
 * Documents of real processes with numbers, times and places that are the same each time, so that what is drawn from
 * them can be compared with stored text. What may not be seen, which is another matter on each machine, is left out.
 *
 * @param name - of the socket, which is `@app` then
 */
export function steady<T>(documents: T, name: string): T {
  const numbers = new Map<string, number>();
  const numberFor = (of: string): number => {
    const known = numbers.get(of) ?? 4200 + numbers.size;
    numbers.set(of, known);
    return known;
  };
  const text = JSON.stringify(documents)
    .replaceAll(name.slice(1), 'app')
    .replace(varying, (digits) => String(numberFor(digits)))
    .replaceAll(process.execPath, '/usr/bin/node')
    .replaceAll(/"(startTime|time)":"[^"]+"/g, '"$1":"2026-01-02T03:04:05.000Z"')
    .replaceAll(/"cwd":"[^"]*"/g, '"cwd":"/srv"')
    .replaceAll(/"capabilities":\[[^\]]*\]/g, '"capabilities":["cap_chown","cap_kill"]')
    .replaceAll(/"groups":\[[^\]]*\]/g, '"groups":[]')
    .replaceAll(/"seccomp":"[^"]*"/g, '"seccomp":"disabled"')
    .replaceAll(/"cgroup":"[^"]*"/g, '"cgroup":"/"')
    .replaceAll(/"cmdline":\["\/usr\/bin\/node","[^"]*"/g, '"cmdline":["/usr/bin/node","/usr/lib/app/server.js"');
  return JSON.parse(text, (key, value: unknown) =>
    key === 'unavailable' && Array.isArray(value)
      ? value.filter((row: Unavailable) => row.fact !== 'holders.notSeen')
      : value,
  ) as T;
}
