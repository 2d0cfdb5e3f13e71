#!/bin/sh
# Installs chatporch, or brings it up to date: the binary, on Linux also a user, a folder and a systemd unit.
# It starts nothing, and leaves settings and data alone.
#
#   sh install.sh                      # the newest release
#   sh install.sh --from FOLDER        # a release in a folder, or at another address (--from https://…)
#   sh install.sh --binary-only --to DIR
set -eu

# scripts/release.ts writes the address of the releases here.
RELEASES=''

from=$RELEASES
bin=/usr/local/bin
home=/var/lib/chatporch
binary_only=no
# Makers of packages set DESTDIR: everything is put below it.
destdir=${DESTDIR:-}
units=$destdir/etc/systemd/system

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

while [ $# -gt 0 ]; do
  case $1 in
    --from | --to)
      [ $# -ge 2 ] || fail "$1 needs a value."
      if [ "$1" = --from ]; then from=$2; else bin=$2; fi
      shift 2
      ;;
    --binary-only) binary_only=yes; shift ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) fail "there is no option $1. See --help." ;;
  esac
done
[ -n "$from" ] || fail 'say where the release is: --from FOLDER, or --from https://…'

case $(uname -s) in
  Linux) os=linux ;;
  Darwin) os=darwin; binary_only=yes ;;
  *) fail "there is no release for $(uname -s) that this script can install." ;;
esac
case $(uname -m) in
  x86_64 | amd64) arch=x64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) fail "there is no release for $(uname -m)." ;;
esac

if [ "$binary_only" = no ]; then
  [ "$(id -u)" = 0 ] || fail 'run it as root (sudo sh install.sh), or with --binary-only --to DIR.'
  has systemctl || fail 'this system has no systemd. Take --binary-only, and start chatporch by what it has.'
fi
to=$destdir$bin
[ -w "$to/." ] || fail "$to is no folder that you may write to. Name another one with --to DIR."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# fetch NAME: copies a file of the release into $work.
fetch() {
  case $from in
    http://* | https://*)
      if has curl; then
        curl -fsSL --retry 3 -o "$work/$1" "$from/$1" || fail "$from/$1 cannot be downloaded."
      elif has wget; then
        wget -q -O "$work/$1" "$from/$1" || fail "$from/$1 cannot be downloaded."
      else
        fail 'neither curl nor wget is installed.'
      fi
      ;;
    *) cp "$from/$1" "$work/$1" 2>/dev/null || fail "$from has no $1." ;;
  esac
}

sha256() {
  if has sha256sum; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

fetch checksums.txt
# A line is the checksum, two spaces and the name.
line=$(grep -E "^[0-9a-f]{64}  chatporch_[0-9A-Za-z.+-]+_${os}_${arch}\.tar\.gz\$" "$work/checksums.txt") ||
  fail "the release has no archive for $os on $arch."
[ "$(printf '%s\n' "$line" | wc -l)" -eq 1 ] || fail 'checksums.txt names more than one archive for this system.'
archive=${line#*  }
fetch "$archive"
[ "$(sha256 "$work/$archive")" = "${line%%  *}" ] ||
  fail "$archive is not what checksums.txt says: it is damaged, or it was changed on the way. Nothing was installed."

mkdir "$work/release"
tar -xzf "$work/$archive" -C "$work/release" --strip-components 1
# Shows before anything is replaced whether this system can run it.
version=$("$work/release/chatporch" --version) ||
  fail 'this system cannot run the binary: it needs glibc, and on x64 a processor with AVX2. Nothing was installed.'

# Under a new name first: a server that runs keeps its own file until it is started anew.
cp "$work/release/chatporch" "$to/.chatporch.new"
chmod 755 "$to/.chatporch.new"
mv -f "$to/.chatporch.new" "$to/chatporch"
printf 'chatporch %s is in %s\n' "$version" "$to"

if [ "$binary_only" = yes ]; then
  printf '\nNext: cd to a folder for its data, and run %s/chatporch\n' "$to"
  exit 0
fi

if ! id chatporch >/dev/null 2>&1; then
  useradd --system --user-group --home-dir "$home" --shell /usr/sbin/nologin chatporch
  printf 'made the user chatporch\n'
fi
if [ ! -d "$destdir$home" ]; then
  install -d -m 700 -o chatporch -g chatporch "$destdir$home"
  printf 'made the folder %s\n' "$home"
fi
for unit in chatporch.service chatporch-backup.service chatporch-backup.timer; do
  # The unit names the usual folder of the binary.
  sed "s|/usr/local/bin/chatporch|$bin/chatporch|" "$work/release/deploy/$unit" >"$work/$unit"
  cp "$work/$unit" "$units/$unit" || fail "$units cannot be written to."
  chmod 644 "$units/$unit"
done
printf 'the units are in %s\n' "$units"
systemctl daemon-reload

if systemctl is-active --quiet chatporch; then
  printf '\nNext: systemctl restart chatporch   (it still runs the version before)\n'
else
  cat <<END

Next:
  systemctl enable --now chatporch                # then open the link that it prints: journalctl -u chatporch
  systemctl enable --now chatporch-backup.timer   # a copy of the database every night
  a proxy with https in front                     # docs/running.md
Settings can be in a file, too:
  cd $home && sudo -u chatporch $bin/chatporch init
What is missing or wrong:
  cd $home && sudo -u chatporch $bin/chatporch doctor
END
fi
