#!/usr/bin/env bash
# Unpack a newer Python than this Debian has, from Debian testing, into a folder:
#
#     scripts/python_from_debian.sh 3.14 FOLDER      # then FOLDER/usr/bin/python3.14
#
# Needs no root, and changes nothing else on the machine: the interpreter loads its own C
# library from the folder. For tests.
set -euo pipefail

version=${1:?which Python, such as 3.14} folder=$(realpath -m "${2:?into which folder}")
python=$folder/usr/bin/python$version
[ ! -x "$python" ] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists,cache,debs} "$folder"

# The mirror of this machine.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
  grep -m1 '/debian/$')
keys=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keys] $mirror testing main" >"$work/sources.list"
testing=(-q -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=-
  -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache"
  -o APT::Sandbox::User="$(id -un)")
apt-get "${testing[@]}" update

cd "$work/debs"
apt-get download -q -o APT::Sandbox::User="$(id -un)" patchelf # from this Debian, to run here
apt-cache "${testing[@]}" depends --recurse --no-recommends --no-suggests --no-conflicts \
  --no-breaks --no-replaces --no-enhances "python$version-venv" |
  grep -E "^(lib|zlib|python$version)" | grep -vE -- '-(bin|data|perl)$' | sort -u |
  xargs apt-get "${testing[@]}" download
for package in ./*.deb; do
  case $package in
  ./patchelf_*) dpkg -x "$package" "$work/patchelf" ;;
  *) dpkg -x "$package" "$folder" ;;
  esac
done

libraries=$folder/usr/lib/$(uname -m)-linux-gnu
"$work/patchelf/usr/bin/patchelf" --force-rpath --set-rpath "$libraries" \
  --set-interpreter "$(echo "$libraries"/ld-linux-*.so.*)" "$python"
"$python" -c 'import ctypes, lzma, sqlite3, ssl, sys, venv; print(sys.version)'
