#!/usr/bin/env bash
# Picture of the QGIS desktop on a virtual screen: the algorithm is run on a raster, both layers load, styled.
# Usage: screenshot.sh RASTER PICTURE.png, in the environment that the Makefile sets. Needs xvfb and imagemagick.
set -euo pipefail
raster=$(realpath "$1")
picture=$(realpath -m "$2")
folder=$(mktemp -d)
screen=:97
trap 'kill "${qgis:-}" "${xvfb:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
# The same plugin folder and packages, but a fresh profile: the picture must not depend on what was clicked before.
mkdir -p "$folder/profile/profiles/default/QGIS" "$folder/run" && chmod 700 "$folder/run"
printf '[PythonPlugins]\nuhrs_qgis_plugin=true\n' >"$folder/profile/profiles/default/QGIS/QGIS3.ini"
export UHRS_RASTER="$raster" UHRS_FOLDER="$folder" XDG_RUNTIME_DIR="$folder/run"
export QGIS_CUSTOM_CONFIG_PATH="$folder/profile"
unset QT_QPA_PLATFORM

Xvfb $screen -screen 0 1600x1000x24 -nolisten tcp &
xvfb=$!
sleep 1
DISPLAY=$screen qgis --nologo --noversioncheck --code "$(dirname "$(realpath "$0")")/screenshot_desktop.py" \
	>"$folder/log" 2>&1 &
qgis=$!
for _ in $(seq 240); do
	[ -e "$folder/ready" ] && break
	kill -0 "$qgis" 2>/dev/null || break
	sleep 1
done
if [ ! -e "$folder/ready" ]; then
	cat "$folder/log"
	echo "QGIS did not get as far as the picture." >&2
	exit 1
fi
DISPLAY=$screen import -window root "$picture"
touch "$folder/quit"
wait "$qgis" || true
cat "$folder/ready"
echo "$picture"
