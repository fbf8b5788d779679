# Completion of teelo for bash, made by `teelo completions bash`.
_teelo() {
    local current=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} words='' kind=words
    COMPREPLY=()
    # bash takes --flag=value apart into three words.
    if [[ $current == = ]]; then
        current=
    elif [[ $flag == = ]]; then
        flag=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if ((COMP_CWORD == 1)); then
        command=
    fi
    case $command in
        '') words='@COMMANDS@' ;;
@WORDS@
    esac
    case $command:$flag in
@VALUES@
    esac
    case $kind in
        words) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
        path)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
            ;;
    esac
}
complete -F _teelo teelo
