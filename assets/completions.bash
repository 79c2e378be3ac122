
# Bash ends a word at "=", so that --set NAME=va arrives as three words, and it puts a blank behind each match.
_eks_wizard_assignments() {
    local name words=() cword="$COMP_CWORD" i
    if [[ "${COMP_WORDS[COMP_CWORD]}" == "=" ]]; then
        name="${COMP_WORDS[COMP_CWORD-1]}="
        set -- "$1" "" ""
    elif [[ COMP_CWORD -ge 2 && "${COMP_WORDS[COMP_CWORD-1]}" == "=" ]]; then
        name="${COMP_WORDS[COMP_CWORD-2]}="
    fi
    if [[ "$name" == [A-Z]*= ]]; then
        local before="${COMP_WORDS[COMP_CWORD-2]}" cur="$2"
        [[ "${COMP_WORDS[COMP_CWORD]}" == "=" ]] || before="${COMP_WORDS[COMP_CWORD-3]}"
        words=("${COMP_WORDS[@]:0:COMP_CWORD}")
        # The words up to the assignment, the assignment joined as the last one.
        while [[ "${#words[@]}" -gt 0 && "${words[-1]}" != "$before" ]]; do
            unset 'words[-1]'
        done
        COMP_WORDS=("${words[@]}" "$name$cur")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _eks-wizard "$1" "$name$cur" "$before"
        for i in "${!COMPREPLY[@]}"; do
            COMPREPLY[i]="${COMPREPLY[i]#"$name"}"
        done
        [[ "${COMPREPLY[*]}" == "" ]] && COMPREPLY=()
        return 0
    fi
    _eks-wizard "$@"
    [[ "${#COMPREPLY[@]}" -gt 0 && "${COMPREPLY[0]}" == *= ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -F _eks_wizard_assignments -o bashdefault -o default eks-wizard
