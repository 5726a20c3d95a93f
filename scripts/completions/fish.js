// Completion for fish(1).

/** @param commands - of model.js */
export function forFish(commands) {
  const names = commands.map(({ name }) => name).join(' ');
  const none = `-n 'not __fish_seen_subcommand_from ${names}'`;
  const lines = commands.flatMap(({ name, summary, options, after }) => {
    const of = `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c peerpid ${none} -a ${name} -d ${quoted(summary)}`,
      ...options.flatMap((option) => optionLines(option, of)),
      ...((after.kind ?? after.words) ? [`complete -c peerpid ${of} ${values(after)}`] : []),
    ];
  });
  return `# Completion of peerpid for fish(1). Made by scripts/completions.js.

function __peerpid_sockets
    command peerpid __sockets 2>/dev/null
end

complete -c peerpid -f
complete -c peerpid ${none} -k -a '(__peerpid_sockets)' -d socket
complete -c peerpid ${none} -s h -l help -d 'Show help.'
complete -c peerpid ${none} -s V -l version -d 'Show the version.'
${lines.join('\n')}
`;
}

function optionLines({ name, char, description, values: of, isOptional, hasNo }, condition) {
  const letters = char ? ` -s ${char}` : '';
  const needs =
    of === undefined
      ? ''
      : isOptional
        ? ` ${values(of)}`
        : ` ${of.kind === 'sockets' || of.kind === 'files' ? '-r' : '-x'} ${values(of)}`;
  const line = `complete -c peerpid ${condition}${letters} -l ${name}${needs} -d ${quoted(description)}`;
  return hasNo ? [line, `complete -c peerpid ${condition} -l no-${name} -d ${quoted(`Not --${name}.`)}`] : [line];
}

function values({ kind, words, isList = false }) {
  if (kind === 'sockets') return "-F -a '(__peerpid_sockets)'";
  if (kind === 'files') return '-F';
  if (kind === 'users') return "-a '(__fish_complete_users)'";
  if (kind === 'pids') return "-a '(__fish_complete_pids)'";
  if (words === undefined) return '';
  return isList ? `-a '(__fish_append , ${words.join(' ')})'` : `-a '${words.join(' ')}'`;
}

function quoted(text) {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
