# Completion of mxauth(1) for bash.  Commands and options are those of --help.
_mxauth()
{
	local word=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]}
	local command=${COMP_WORDS[1]} below=

	# a command below it: mxauth report send
	[[ $COMP_CWORD -lt 3 || ${COMP_WORDS[2]} != +([a-z]) ]] ||
		below=${COMP_WORDS[2]}

	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W "$("$program" --help 2>/dev/null |
			sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')" -- "$word"))
		return
	fi
	case $word in
	-*)
		COMPREPLY=($(compgen -W "$("$program" "$command" $below --help \
			2>/dev/null | grep -oE -- '--[a-z][a-z-]*' |
			sort -u)" -- "$word"))
		;;
	*)
		COMPREPLY=($(compgen -f -- "$word"))
		[ "$COMP_CWORD" != 2 ] ||
			COMPREPLY+=($(compgen -W "$("$program" "$command" \
				--help 2>/dev/null |
				sed -n "s/.*mxauth $command \([a-z|]*\) .*/\1/p" |
				tr '|' ' ')" -- "$word"))
		;;
	esac
}
complete -o filenames -F _mxauth mxauth
