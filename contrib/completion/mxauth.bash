# Completion of mxauth(1) for bash.  Commands and options are those of --help.
_mxauth()
{
	local word=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]}
	local command=${COMP_WORDS[1]}

	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W "$("$program" --help 2>/dev/null |
			sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')" -- "$word"))
		return
	fi
	case $word in
	-*)
		COMPREPLY=($(compgen -W "$("$program" "$command" --help \
			2>/dev/null | grep -oE -- '--[a-z][a-z-]*' |
			sort -u)" -- "$word"))
		case $command in
		check) common="$common --ip --helo --mail-from --rcpt" ;;
		explain) common="$common --relay --format --check --since --until --by --list --each" ;;
		spf) common="$common --ip --helo" ;;
		lint) common="$common --selector --ip" ;;
		policy) common="$common --from --rcpt --ip --client-name --helo --mail-from --signer --sealer --daemon-name --now" ;;
		report) common="$common --html" ;;
		selftest) common="$common --socket --timeout" ;;
		config) common="$common --default" ;;
		esac
		COMPREPLY=($(compgen -W "$common" -- "$word"))
		;;
	*) COMPREPLY=($(compgen -f -- "$word")) ;;
	esac
}
complete -o filenames -F _mxauth mxauth
