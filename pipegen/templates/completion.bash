# Completion of the command pipegen in bash. Add to ~/.bashrc: eval "$(pipegen completion bash)"
_pipegen() {
    local line="${COMP_LINE:0:COMP_POINT}" word current start
    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        if [ -n "$word" ]; then COMPREPLY+=("$word"); fi
    done < <(_PIPEGEN_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args _TYPER_COMPLETE_ARGS="$line" \
        "$1" 2>/dev/null)
    # bash takes what is behind = or : for a word of its own, and replaces only that.
    current="${line##*[[:space:]]}"
    case "$current" in
    *[=:]*)
        start="${current%"${current##*[=:]}"}"
        COMPREPLY=("${COMPREPLY[@]#"$start"}")
        ;;
    esac
    if [ "${#COMPREPLY[@]}" = 1 ]; then
        case "${COMPREPLY[0]}" in *[=/]) compopt -o nospace 2>/dev/null ;; esac
    fi
}
complete -o default -F _pipegen pipegen
