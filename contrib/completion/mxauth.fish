# Completion of mxauth(1) for fish.  Commands and options are those of --help.
function __mxauth_commands
    mxauth --help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\)  *\(.*\)/\1\t\2/p'
end

# A command below the first: mxauth report send
function __mxauth_below
    set -l words (commandline -opc)
    test (count $words) = 2; or return
    mxauth $words[2] --help 2>/dev/null |
        sed -n "s/.*mxauth $words[2] \([a-z|]*\) .*/\1/p" | tr '|' '\n'
end

function __mxauth_options
    set -l words (commandline -opc)
    set -l below (string match -r '^[a-z]+$' -- $words[3])
    mxauth $words[2] $below --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u
end

complete -c mxauth -n __fish_use_subcommand -f -a '(__mxauth_commands)'
complete -c mxauth -n 'not __fish_use_subcommand' -a '(__mxauth_below)'
complete -c mxauth -n 'not __fish_use_subcommand' -a '(__mxauth_options)'
