/** The environment variables that decide something. They stand in peerpid(1). */
export const environmentNames = [
  /** Set: no colour. */
  'NO_COLOR',
  /** Set: colour, in a pipe too; `0` for none. */
  'FORCE_COLOR',
  'CLICOLOR_FORCE',
  /** `0`: no colour. */
  'CLICOLOR',
  /** `dumb`: no colour, and no pager. */
  'TERM',
  /** In which longer output is read; empty: in none. */
  'PAGER',
  /** Options of less(1). */
  'LESS',
  /** Who is root by sudo(8). */
  'SUDO_UID',
  /** Where dot(1) and the pager are looked for. */
  'PATH',
  /** Where a socket is made that was given no path. */
  'XDG_RUNTIME_DIR',
  /** The buses of `bus`. */
  'DBUS_SYSTEM_BUS_ADDRESS',
  'DBUS_SESSION_BUS_ADDRESS',
  /** `development`: a bug is shown whole. */
  'NODE_ENV',
  /** Of a process that started over: {@link rememberInEnvironment}. */
  'PEERPID_STARTED_OVER',
  /** What brings other code into the process, of which doctor tells. */
  'NODE_OPTIONS',
  'NODE_PATH',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'LD_AUDIT',
] as const;

/** The value of a variable; undefined where it is empty, too. */
export function environment(name: (typeof environmentNames)[number]): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

/** The same, but an empty value is one. */
export function givenEnvironment(name: (typeof environmentNames)[number]): string | undefined {
  return process.env[name];
}

/** All of it, with some variables changed, for a child. */
export function environmentWith(changes: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...process.env, ...changes };
}

/** Sets a variable that another package reads. */
export function setEnvironment(name: string, value: string): void {
  process.env[name] = value;
}

/** The same, unless it has a value. */
export function defaultEnvironment(name: string, value: string): void {
  if ((process.env[name] ?? '') === '') process.env[name] = value;
}

/** Has the next of us know something, where it starts over; undefined for nothing. */
export function rememberInEnvironment(value: string | undefined): void {
  if (value === undefined) delete process.env['PEERPID_STARTED_OVER'];
  else process.env['PEERPID_STARTED_OVER'] = value;
}
