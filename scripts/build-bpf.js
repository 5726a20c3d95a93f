// Compiles native-probe/bpf/*.bpf.c into objects for both architectures, which are kept in the repository: nobody who
// installs peerpid needs clang. With --check nothing is written, and what differs from its source is said.
//
// Needs clang, bpftool and llvm-objcopy. An object has no debugging information but the types, by which libbpf finds
// where fields are in the running kernel: neither DWARF nor source lines.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../native-probe/bpf/', import.meta.url));

/** As process.arch names them, and as libbpf's headers do. */
const architectures = { x64: 'x86', arm64: 'arm64' };

/** A cpu of version 3 has 32-bit arithmetic, and atomic operations: Linux 5.12. */
/** The directory is named in the types, too: it is not to be that of the checkout. */
const compiling = ['-O2', '-g', '-fdebug-compilation-dir=.', '-mcpu=v3', '-Wall', '-Werror', '-target', 'bpf'];

function run(program, args, input) {
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd: folder, input, maxBuffer: 2 ** 26 });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: status ${status}\n${stderr}`);
  return stdout;
}

/** .BTF.ext without the source line of each instruction. struct btf_ext_header in libbpf's btf.h */
function withoutLines(section) {
  const header = section.readUInt32LE(4);
  const lineOffset = header + section.readUInt32LE(16);
  const lineLength = section.readUInt32LE(20);
  const rest = section.subarray(lineOffset + lineLength);
  const kept = Buffer.concat([section.subarray(0, lineOffset), rest]);
  kept.writeUInt32LE(0, 20);
  kept.writeUInt32LE(section.readUInt32LE(24) - lineLength, 24);
  return kept;
}

/** @returns the object's bytes */
function compiled(source, target, directory) {
  const [raw, object, section] = ['raw.o', 'object.o', 'btf.ext'].map((name) => join(directory, name));
  // By its standard input, so that no path of this machine and no line of the source is in it
  const whole = run('clang', ['-E', '-P', ...compiling, `-D__TARGET_ARCH_${target}`, source]);
  run('clang', [...compiling, '-Wno-unused', '-x', 'cpp-output', '-c', '-o', raw, '-'], whole);
  run('bpftool', ['gen', 'object', object, raw]);
  run('llvm-objcopy', [`--dump-section=.BTF.ext=${section}`, object]);
  writeFileSync(section, withoutLines(readFileSync(section)));
  run('llvm-objcopy', [
    `--update-section=.BTF.ext=${section}`,
    '--strip-debug',
    '--wildcard',
    '--strip-symbol=LBB*',
    object,
  ]);
  return readFileSync(object);
}

const directory = mkdtempSync(join(tmpdir(), 'peerpid-bpf-'));
try {
  for (const source of readdirSync(folder).filter((name) => name.endsWith('.bpf.c'))) {
    for (const [architecture, target] of Object.entries(architectures)) {
      const name = source.replace(/\.bpf\.c$/, `.${architecture}.o`);
      const object = compiled(source, target, directory);
      const path = join(folder, name);
      if (process.argv.includes('--check')) {
        if (object.equals(readFileSync(path))) continue;
        process.stderr.write(`native-probe/bpf/${name} is not what ${source} compiles to: npm run build:bpf\n`);
        process.exitCode = 1;
      } else {
        writeFileSync(path, object);
        process.stdout.write(`native-probe/bpf/${name}: ${object.length} bytes\n`);
      }
    }
  }
} finally {
  rmSync(directory, { recursive: true });
}
