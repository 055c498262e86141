# Completion of mxauth(1) for fish.  Commands and options are those of --help.
function __mxauth_commands
    mxauth --help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\)  *\(.*\)/\1\t\2/p'
end

function __mxauth_options
    set -l words (commandline -opc)
    set -l below (string match -r '^[a-z]+$' -- $words[3])
    mxauth $words[2] $below --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u
end

complete -c mxauth -n __fish_use_subcommand -f -a '(__mxauth_commands)'
complete -c mxauth -n 'not __fish_use_subcommand' -a '(__mxauth_options)'
