#compdef pipegen
# Completion of the command pipegen in zsh. Add to ~/.zshrc, after compinit: eval "$(pipegen completion zsh)"
_pipegen() {
    local value about
    local -a whole open
    while IFS=$'\t' read -r value about; do
        [[ -n $value ]] || continue
        if [[ $value == *[=/] ]]; then
            open+=("${value//:/\\:}${about:+:$about}")
        else
            whole+=("${value//:/\\:}${about:+:$about}")
        fi
    done < <(_PIPEGEN_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args \
        _TYPER_COMPLETE_ARGS="${(j: :)words[1,CURRENT]}" "${(Q)words[1]}" 2>/dev/null)
    if (( $#whole + $#open == 0 )); then
        _files
        return
    fi
    (( $#whole )) && _describe pipegen whole
    (( $#open )) && _describe pipegen open -S ''
}
if [[ ${funcstack[1]} == _pipegen ]]; then
    _pipegen "$@"
else
    compdef _pipegen pipegen
fi
