# Sourced by the scripts beside it: creates a virtual environment with what a script needs.
#
# PYTHON selects the interpreter (default: python3). Environments are in .venvs/, and are created again
# when pyproject.toml changes.

# autobahn, which Daphne needs, has no wheel for the newest Pythons, and builds a C extension unless a variable
# prevents it: that needs a compiler and Python's headers, which not every machine has.
export AUTOBAHN_USE_NVX=${AUTOBAHN_USE_NVX:-0}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# environment NAME PIP_ARGUMENTS...: sets $venv, and installs into it once.
environment() {
    local name=$1 python=${PYTHON:-python3} version stamp
    shift
    if ! version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 10))'); then
        echo "$python is ${version:-not there}; Python 3.10 or newer is needed: set PYTHON to one" >&2
        exit 1
    fi
    venv=$root/.venvs/$name-$version
    stamp=$venv/.installed
    if ! [ -e "$stamp" ] || ! cmp -s "$stamp" "$root/pyproject.toml"; then
        echo "Setting up ${venv#"$root"/} ..." >&2
        "$python" -m venv --clear "$venv"
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
        (cd "$root" && "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@")
        cp "$root/pyproject.toml" "$stamp"
    fi
}
