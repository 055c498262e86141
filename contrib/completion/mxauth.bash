# Completion of mxauth(1) for bash.
_mxauth()
{
	local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
	local common="--json --zone --dns --config --lang --help"

	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W "check spf explain lint report policy replay selftest config" -- "$word"))
		return
	fi
	case $word in
	-*)
		case $command in
		check) common="$common --ip --helo --mail-from --rcpt" ;;
		explain) common="$common --relay" ;;
		spf) common="$common --ip --helo" ;;
		lint) common="$common --selector --ip" ;;
		policy) common="$common --from --rcpt --ip" ;;
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
