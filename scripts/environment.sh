# Read by the scripts beside it, from the project's folder: places that can be written to, and for
# uv the index that pip is configured for, since uv does not read pip's configuration.

say() { printf '%s\n' "$*" >&2; }

# A home folder may be missing or read-only, as for an account that only runs services.
if [ ! -w "${HOME:-/nowhere}" ]; then
    HOME=$PWD/.cache/home
    export HOME
    mkdir -p "$HOME"
fi

# Prints the first Python >= 3.11 that has pip.
find_python() {
    # That of an environment that is active has no pip; the one that it was made from has.
    underneath=$(.venv/bin/python -c "import sys; print(sys._base_executable)" 2>/dev/null || :)
    for candidate in ${STRANGLER_PYTHON:-} python3 $underneath python3.13 python3.12 python3.11 python3.14 python; do
        if "$candidate" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    say "No Python 3.11 or newer with pip was found (looked for python3, python3.11 … python3.14)."
    say "Install one, or name it: STRANGLER_PYTHON=/path/to/python $0"
    return 2
}

# Exports UV_* for what pip is told by its environment, its [install] or its [global] section, in
# this order. What is set for uv itself stays. Takes the Python to ask.
adopt_pip_configuration() {
    configured=$("$1" -m pip config list 2>/dev/null || :)
    adopt UV_DEFAULT_INDEX index-url
    adopt UV_INDEX extra-index-url
    adopt UV_FIND_LINKS find-links
    adopt UV_INSECURE_HOST trusted-host
    adopt UV_HTTP_TIMEOUT default-timeout
    adopt UV_HTTP_TIMEOUT timeout
    adopt SSL_CERT_FILE cert
    adopt ALL_PROXY proxy
    # As pip does: every index may offer a file. Their hashes are pinned, so none can slip one in.
    export UV_INDEX_STRATEGY="${UV_INDEX_STRATEGY:-unsafe-best-match}"
    # As pip does: certificates that this machine trusts, where it has a list of them.
    [ ! -e /etc/ssl/certs/ca-certificates.crt ] || export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
}

adopt() {
    eval "[ -z \"\${$1:-}\" ]" || return 0
    for section in :env: install global; do
        # Lines look like: global.index-url='https://…'
        value=$(printf '%s\n' "$configured" | sed -n "s/^$section\.$2=['\"]\(.*\)['\"]\$/\1/p")
        # A value of several lines is printed with \n between.
        value=$(printf '%s' "$value" | sed 's/\\n/ /g; s/^ *//; s/ *$//')
        if [ -n "$value" ]; then
            case $1 in UV_FIND_LINKS) value=$(printf '%s' "$value" | tr -s ' ' ',') ;; esac
            export "$1=$value"
            return
        fi
    done
}
