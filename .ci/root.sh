# root.sh - sourced: bare roots of Debian and Ubuntu to try things in, without a
# trace on this machine.  Folders of this machine are never mounted into a root:
# what is needed is copied, and /proc and the like are mounted in a namespace that
# ends with the command.  So the removal of a root cannot reach anything else.

roots=

# root_possible: can this machine make one?  Else says why not.
root_possible() {
	if [ "$(id -u)" != 0 ]; then
		echo "skipped: needs root"
	elif ! command -v mmdebstrap >/dev/null &&
		! command -v debootstrap >/dev/null; then
		echo "skipped: needs mmdebstrap or debootstrap"
	elif ! unshare --mount --pid --ipc --uts --fork true 2>/dev/null; then
		echo "skipped: this machine gives no namespaces of its own"
	else
		return 0
	fi
	return 1
}

# root_mirror SUITE: Ubuntu's own; a Debian from where this Debian gets its own
# packages; nothing elsewhere, where the tools know a place themselves
root_mirror() {
	case $1 in
	jammy | noble)
		echo http://archive.ubuntu.com/ubuntu
		return
		;;
	esac
	! grep -qx 'ID=debian' /etc/os-release ||
		apt-cache policy base-files |
		sed -n 's|.* \(https*://[^ ]*\) .*/main .*|\1|p' |
		grep -v security | head -n 1
}

# root_options SUITE: the signers and the sections of an Ubuntu.  UBUNTU_KEYRING:
# where its keys are, on a system without the package ubuntu-keyring.
root_options() {
	case $1 in
	jammy | noble)
		keys=/usr/share/keyrings/ubuntu-archive-keyring.gpg
		echo "--keyring=${UBUNTU_KEYRING:-$keys}" \
			--components=main,universe
		;;
	esac
}

# root_make FOLDER SUITE ARCH: a bare system with git; false: it cannot be made
root_make() {
	roots="$roots $1"
	trap 'root_remove_all' EXIT
	trap 'exit 130' HUP INT TERM
	mkdir -p "$1"
	if command -v mmdebstrap >/dev/null; then
		mmdebstrap --quiet --variant=minbase --arch="$3" \
			--include=apt,git,ca-certificates $(root_options "$2") \
			"$2" "$1.tar" $(root_mirror "$2") &&
			tar -C "$1" -xf "$1.tar" && rm -f "$1.tar"
	else
		debootstrap --variant=minbase --arch="$3" \
			--include=apt,git,ca-certificates $(root_options "$2") \
			"$2" "$1" $(root_mirror "$2")
	fi || return 1
	cp /etc/resolv.conf "$1/etc/resolv.conf"
}

# root_run FOLDER COMMAND...: as root of it, in namespaces that end with the
# command and all that it started.  ROOT_NET=no: with a loopback of its own
# only, which also has the address 203.0.113.66.
root_run() {
	folder=$1
	shift
	network=
	[ "${ROOT_NET:-}" != no ] || network=--net
	unshare --mount --pid --ipc --uts $network --fork --kill-child \
		sh -c 'cd "$1" && shift &&
		mount -t proc proc proc &&
		mount -t tmpfs tmpfs dev/shm &&
		mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts &&
		{ [ -z "$0" ] || { ip link set lo up &&
			ip addr add 203.0.113.66/32 dev lo; }; } &&
		exec chroot . env -i LANG=C HOME=/root \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			"$@"' "$network" "$folder" "$@" </dev/null
}

# root_boot FOLDER COMMAND: a systemd of its own is started in it, runs COMMAND (a
# line of shell) as a service and ends; its output.  Loopback as in root_run.
# Status 75: no systemd can be started here.
root_boot() {
	cat >"$1/etc/systemd/system/root-boot.service" <<-END
	[Unit]
	After=basic.target
	[Service]
	Type=oneshot
	TimeoutStartSec=600
	ExecStart=/bin/sh -c "{ $2; } >/root/boot.log 2>&1; echo \$\$? >/root/boot.status; systemctl --force --force poweroff"
	END
	rm -f "$1/root/boot.log" "$1/root/boot.status"
	unshare --mount sh -c '
		cd "$0" && mount -t sysfs -o ro sysfs sys &&
		mount -t cgroup2 cgroup2 sys/fs/cgroup || exit
		group=sys/fs/cgroup/root-boot-$$
		mkdir $group && echo $$ >$group/cgroup.procs || exit
		timeout 700 unshare --mount --pid --ipc --uts --net --cgroup \
			--fork --kill-child sh -c '\''
			ip link set lo up && ip addr add 203.0.113.66/32 dev lo &&
			mount --bind . . && cd "$PWD" &&
			mount -t sysfs -o ro sysfs sys &&
			mount -t cgroup2 cgroup2 sys/fs/cgroup &&
			mount -t proc proc proc && mount -t tmpfs tmpfs run &&
			mount -t tmpfs -o mode=755 tmpfs dev &&
			for n in null zero full random urandom tty; do
				: >dev/$n && mount --bind /dev/$n dev/$n
			done &&
			mkdir dev/pts dev/shm &&
			mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts &&
			ln -s pts/ptmx dev/ptmx &&
			pivot_root . mnt && umount -l /mnt &&
			exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
				/lib/systemd/systemd --system \
				--unit=root-boot.service'\''
		echo $$ >sys/fs/cgroup/cgroup.procs
		find $group -depth -type d -exec rmdir {} \;' "$1" \
		</dev/null >"$1/root/systemd.log" 2>&1 || :
	cat "$1/root/boot.log" 2>/dev/null || {
		tail -n 3 "$1/root/systemd.log"
		return 75
	}
	[ "$(cat "$1/root/boot.status" 2>/dev/null)" = 0 ]
}

# root_copy FOLDER PLACE: the committed sources, to a new folder of the root
root_copy() {
	mkdir -p "$1$2"
	git archive HEAD | tar -C "$1$2" -xf -
}

root_remove_all() {
	status=$?
	trap - EXIT HUP INT TERM
	for folder in $roots; do
		rm -rf --one-file-system "$folder" "$folder.tar"
	done
	exit "$status"
}
