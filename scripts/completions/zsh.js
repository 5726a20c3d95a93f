// Completion for zsh(1), by its function _arguments.

/** @param commands - of model.js */
export function forZsh(commands) {
  const functions = commands.map(({ name, options, after }) => {
    const specs = [...options.flatMap(specsOf), `'*:${argumentName(after)}:${action(after)}'`];
    return `_peerpid_${name}() {\n  _arguments -s -S \\\n    ${specs.join(' \\\n    ')}\n}`;
  });
  const described = commands.map(({ name, summary }) => `    '${name}:${escaped(summary)}'`);
  return `#compdef peerpid
# Completion of peerpid for zsh(1). Made by scripts/completions.js.

_peerpid_sockets() {
  local -a names
  names=("\${(@f)$(_call_program sockets peerpid __sockets 2>/dev/null)}")
  compadd -a names
  _files
}

${functions.join('\n\n')}

_peerpid() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C \\
    '(-h --help)'{-h,--help}'[Show help.]' \\
    '(-V --version)'{-V,--version}'[Show the version.]' \\
    '1: :->command' '*:: :->rest'
  local -a commands
  commands=(
${described.join('\n')}
  )
  case $state in
    command)
      _describe command commands
      _peerpid_sockets
      ;;
    rest)
      if (( $+functions[_peerpid_$words[1]] )); then
        _peerpid_$words[1]
      else
        _peerpid_inspect
      fi
      ;;
  esac
}

_peerpid "$@"
`;
}

function specsOf({ name, char, description, values, isOptional, hasNo }) {
  const text = `[${escaped(description)}]`;
  const value = values === undefined ? '' : `:${isOptional ? ':' : ''}value:${action(values)}`;
  const equals = values === undefined ? '' : isOptional ? '=-' : '=';
  const long = `--${name}${equals}`;
  const spec = char
    ? `'(-${char} --${name})'{-${char}${values && !isOptional ? '+' : ''},${long}}'${text}${value}'`
    : `'${long}${text}${value}'`;
  return hasNo ? [spec, `'--no-${name}[Not --${name}.]'`] : [spec];
}

function action({ kind, words, isList = false }) {
  if (kind === 'sockets') return '_peerpid_sockets';
  if (kind === 'files') return '_files';
  if (kind === 'users') return '_users';
  if (kind === 'pids') return '_pids';
  if (words === undefined) return '';
  return isList ? `_sequence compadd - ${words.join(' ')}` : `(${words.join(' ')})`;
}

function argumentName({ kind, words }) {
  return kind ?? (words === undefined ? 'nothing' : 'word');
}

function escaped(text) {
  return text.replaceAll(/[\\[\]:]/g, '\\$&').replaceAll("'", "'\\''");
}
