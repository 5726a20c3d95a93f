// Completion for bash(1), with or without the package bash-completion.

/** @param commands - of model.js */
export function forBash(commands) {
  const lines = commands.flatMap(({ name, options, after }) => [
    `    ${name})`,
    `      options='${options.flatMap(spellings).join(' ')}'`,
    `      case $option in`,
    ...options
      .filter(({ values }) => values !== undefined)
      .map((option) => `        ${patternOf(option)}) ${replying(option.values)} ;;`),
    `        *)\n          isOption=\n          ${replying(after)}\n          ;;`,
    `      esac`,
    `      ;;`,
  ]);
  return `# Completion of peerpid for bash(1). Made by scripts/completions.js.

# What of several words begins with what is typed; of a list with commas its last word
_peerpid_words() {
  local before=''
  [[ $isList && $typed == *,* ]] && before=\${typed%,*},
  mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "\${typed#"$before"}")
}

_peerpid_sockets() {
  local name
  COMPREPLY=()
  while IFS= read -r name; do
    [[ $name == "$typed"* ]] && COMPREPLY+=("$(printf '%q' "$name")")
  done < <("\${words[0]}" __sockets 2>/dev/null)
  _peerpid_files
}

_peerpid_files() {
  compopt -o default 2>/dev/null
}

_peerpid_users() {
  mapfile -t COMPREPLY < <(compgen -u -- "$typed")
}

_peerpid_pids() {
  _peerpid_words "$(cd /proc && echo [0-9]*)"
}

_peerpid() {
  local line=\${COMP_LINE:0:COMP_POINT} words word command='' option='' typed isOption=1 isList='' options
  # Words between blanks: bash itself parts them at @, : and =, which are in names of sockets
  read -ra words <<<"\${line##*[;|&(]}"
  [[ $line == *[[:blank:]] ]] && words+=('')
  while ((\${#words[@]} > 1)) && [[ \${words[0]} != "\${COMP_WORDS[0]}" ]]; do words=("\${words[@]:1}"); done
  typed=\${words[-1]}
  for word in "\${words[@]:1:\${#words[@]}-2}"; do
    case $word in
      ${commands.map(({ name }) => name).join(' | ')}) command=$word ;;
      -*) continue ;;
      *) command=inspect ;;
    esac
    break
  done
  if [[ $typed == --*=* ]]; then
    option=\${typed%%=*} typed=\${typed#*=}
  elif ((\${#words[@]} > 2)) && [[ \${words[-2]} == -* && $typed != -* ]]; then
    option=\${words[-2]}
  fi
  COMPREPLY=()
  case $command in
    '')
      options='--help --version --json --explain --color='
      _peerpid_sockets
      local sockets=("\${COMPREPLY[@]}")
      _peerpid_words '${commands.map(({ name }) => name).join(' ')} help version'
      COMPREPLY+=("\${sockets[@]}")
      isOption=
      ;;
${lines.join('\n')}
  esac
  [[ ! $isOption && $typed == -* ]] && _peerpid_words "$options"
  # bash replaces only what follows the last of its own separators
  local separators=\${COMP_WORDBREAKS//[^@:=]/} before=\${words[-1]} at
  [[ $separators ]] || return
  before=\${before%"\${before##*[$separators]}"}
  [[ $before ]] || return
  [[ \${words[-1]} == --*=* ]] && before=\${before#*=}
  for at in "\${!COMPREPLY[@]}"; do COMPREPLY[at]=\${COMPREPLY[at]#"$before"}; done
  [[ \${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null
}

complete -F _peerpid peerpid
`;
}

function spellings({ name, char, hasNo }) {
  return [`--${name}`, ...(char ? [`-${char}`] : []), ...(hasNo ? [`--no-${name}`] : [])];
}

function patternOf({ name, char }) {
  return char ? `--${name} | -${char}` : `--${name}`;
}

function replying({ kind, words, isList = false }) {
  if (kind !== undefined) return `_peerpid_${kind}`;
  if (words === undefined) return ':';
  return `${isList ? 'isList=1 ' : ''}_peerpid_words '${words.join(' ')}'`;
}
