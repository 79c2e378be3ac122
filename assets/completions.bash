
# Bash ends a word at "=", so that --set NAME=va arrives as three words, and it puts a blank behind each match.
_eks_wizard_assignments() {
    local at=-1 value="$2" i
    if [[ "${COMP_WORDS[COMP_CWORD]}" == "=" ]]; then
        at=$((COMP_CWORD - 1)) value=""
    elif [[ COMP_CWORD -ge 2 && "${COMP_WORDS[COMP_CWORD-1]}" == "=" ]]; then
        at=$((COMP_CWORD - 2))
    fi
    if [[ at -ge 1 && "${COMP_WORDS[at]}" != -* ]]; then
        local name="${COMP_WORDS[at]}="
        COMP_WORDS=("${COMP_WORDS[@]:0:at}" "$name$value")
        COMP_CWORD=$at
        GENERATED "$1" "$name$value" "${COMP_WORDS[at-1]}"
        for i in "${!COMPREPLY[@]}"; do
            COMPREPLY[i]="${COMPREPLY[i]#"$name"}"
            [[ "${COMPREPLY[i]}" == "" ]] && unset "COMPREPLY[i]"
        done
        return 0
    fi
    GENERATED "$@"
    if [[ "${#COMPREPLY[@]}" -gt 0 && "${COMPREPLY[0]}" == *= ]]; then
        compopt -o nospace 2>/dev/null
    fi
    return 0
}
complete -F _eks_wizard_assignments -o bashdefault -o default eks-wizard
