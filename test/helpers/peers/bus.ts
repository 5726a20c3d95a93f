import { writeFileSync } from 'node:fs';

import type { TemporaryDirectory } from '../machine/temporary.js';
import { Python } from './python.js';
import { Service } from './service.js';

/** A bus of a test's own that lets everybody do everything. @param more - of its configuration, such as policies */
export function busConfiguration(address: string, more = ''): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>${address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
  ${more}
</busconfig>
`;
}

export interface BusOptions {
  /** A command that runs the daemon. */
  readonly wrapper?: readonly string[];
  /** The daemon; that of the machine without it. */
  readonly daemon?: readonly string[];
  /** More of its configuration. */
  readonly more?: string;
  /** Another name than the path `bus` in the directory, without its `@`. */
  readonly abstractName?: string;
}

/** Starts a dbus-daemon that listens at `bus` in the directory, or at an abstract name. */
export function startBus(
  directory: TemporaryDirectory,
  { wrapper = [], daemon = ['dbus-daemon'], more, abstractName }: BusOptions = {},
): Promise<Service> {
  const configuration = directory.file('bus.conf');
  const path = directory.file('bus');
  const address = abstractName === undefined ? `unix:path=${path}` : `unix:abstract=${abstractName}`;
  writeFileSync(configuration, busConfiguration(address, more));
  return Service.start([...wrapper, ...daemon, `--config-file=${configuration}`, '--nofork', '--nopidfile'], {
    listensAt: abstractName === undefined ? path : `@${abstractName}`,
  });
}

/** A client of a bus that speaks D-Bus by itself, and does what each line of its input says. */
const client = `import os, re, socket, struct, sys, time

def say(what):
  # At once, whatever PYTHONUNBUFFERED is
  os.write(1, f"{what}\\n".encode())

def field(fields, code, kind, value):
  while len(fields) % 8: fields.append(0)
  fields += bytes([code, 1]) + kind.encode() + b"\\0"
  if kind == "g": fields += bytes([len(value)])
  else: fields += struct.pack("<I", len(value))
  fields += value.encode() + b"\\0"

def call(member, signature="", body=b"", interface="org.freedesktop.DBus"):
  global serial
  serial += 1
  fields = bytearray()
  field(fields, 1, "o", "/org/freedesktop/DBus")
  field(fields, 2, "s", interface)
  field(fields, 3, "s", member)
  field(fields, 6, "s", "org.freedesktop.DBus")
  if signature: field(fields, 8, "g", signature)
  message = struct.pack("<4BIII", ord("l"), 1, 0, 1, len(body), serial, len(fields)) + fields
  bus.sendall(message + bytes(-len(message) % 8) + body)

def text(value):
  return struct.pack("<I", len(value)) + value.encode() + b"\\0"

if len(sys.argv) > 2: os.setresuid(int(sys.argv[2]), -1, -1)
serial = 0

def join():
  global bus, serial
  serial = 0
  bus = socket.socket(socket.AF_UNIX)
  bus.connect(sys.argv[1])
  bus.sendall(b"\\0AUTH EXTERNAL " + str(os.geteuid()).encode().hex().encode() + b"\\r\\n")
  assert bus.recv(1000).startswith(b"OK")
  bus.sendall(b"BEGIN\\r\\n")
  call("Hello")
  answer = b""
  while not (found := re.search(rb":1[.]\\d+(?=\\0)", answer)): answer += bus.recv(4096)
  return found[0].decode()

name = join()
say("ready")
for line in sys.stdin:
  word, *rest = line.split()
  if word == "name": say(name)
  if word == "again":
    others = [(bus, join()) for _ in range(int(rest[0]))]
    say("joined")
  if word == "own":
    body = text(rest[0])
    body += bytes(-len(body) % 4) + struct.pack("<I", 0)
    call("RequestName", "su", body)
    bus.recv(4096)
    say("owned")
  if word == "monitor":
    call("BecomeMonitor", "asu", struct.pack("<II", 0, 0), "org.freedesktop.DBus.Monitoring")
    bus.recv(4096)
    say("monitors")
  if word == "exec":
    say("runs")
    os.set_inheritable(bus.fileno(), True)
    os.execvp(rest[0], rest)
  if word == "hand-over":
    # Its child keeps the connection, and prints its number
    if os.fork(): os._exit(0)
    say(os.getpid())
    # Its standard input ends with the client
    time.sleep(60)
  if word == "end": break
`;

export interface BusClientOptions {
  /** A command that runs the client. */
  readonly wrapper?: readonly string[];
  /** Well-known names for it. */
  readonly names?: readonly string[];
  /** Another real user than the effective one, as of a set-user-ID program; it takes root. */
  readonly realUser?: number;
}

/** A client of a bus, registered and with its names. */
export class BusClient implements AsyncDisposable {
  private constructor(
    private readonly python: Python,
    readonly uniqueName: string,
  ) {}

  static async start(path: string, { wrapper = [], names = [], realUser }: BusClientOptions = {}): Promise<BusClient> {
    const python = await Python.start(client, wrapper, path, ...(realUser === undefined ? [] : [`${realUser}`]));
    const started = new BusClient(python, await python.say('name'));
    for (const name of names) await started.own(name);
    return started;
  }

  get pid(): number {
    return this.python.pid;
  }

  /** Has it connect so many times more. */
  async again(times: number): Promise<void> {
    await this.python.say(`again ${times}`);
  }

  /** Has it own another name. */
  async own(name: string): Promise<void> {
    await this.python.say(`own ${name}`);
  }

  async monitor(): Promise<void> {
    await this.python.say('monitor');
  }

  /** Has it run another program. */
  async exec(...command: string[]): Promise<void> {
    await this.python.say(`exec ${command.join(' ')}`);
  }

  /** Has it end, and a child of it keep the connection. @returns the child's number, as the child has it */
  async handOver(): Promise<number> {
    return Number(await this.python.say('hand-over'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.python[Symbol.asyncDispose]();
  }
}

/** Whether anybody has this PID. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
