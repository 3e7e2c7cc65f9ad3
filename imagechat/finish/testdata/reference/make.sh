#!/bin/sh
# Makes the pictures of this folder and, beside each, what another decoder makes
# of it. The tests read both and need none of these programs.
# Debian: apt-get install imagemagick webp libjpeg-turbo-progs
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Red and blue shapes on a ramp, of odd sides, so that every edge of a plane of
# colour counts.
convert -size 61x47 gradient:black-white -fill 'rgb(220,0,30)' -draw 'rectangle 7,5 29,21' \
	-fill 'rgb(0,60,200)' -draw 'circle 42,28 42,15' -fill 'rgb(0,150,60)' -draw 'line 0,46 60,0' PNG24:"$work/shapes.png"
convert "$work/shapes.png" "$work/shapes.ppm"

# WebP: what libwebp decodes.
cwebp -quiet -q 90 "$work/shapes.png" -o video.webp
dwebp -quiet video.webp -o video.webp.png
convert "$work/shapes.png" \( -size 61x47 gradient:white-black \) -alpha off -compose CopyOpacity -composite "$work/clear.png"
cwebp -quiet -q 90 "$work/clear.png" -o video-alpha.webp
dwebp -quiet video-alpha.webp -o video-alpha.webp.png

# JPEG with colour in every sampling: what libjpeg-turbo decodes.
for sampling in 2x2 2x1 1x2 1x1 4x1; do
	cjpeg -quality 95 -sample $sampling -outfile sampling-$sampling.jpg "$work/shapes.ppm"
	djpeg -dct int sampling-$sampling.jpg | convert ppm:- PNG24:sampling-$sampling.jpg.png
done
