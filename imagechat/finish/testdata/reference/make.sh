#!/bin/sh
# Makes the pictures of this folder and, beside each, what another decoder makes
# of it. The tests read both and need none of these programs.
# Debian: apt-get install imagemagick webp libjpeg-turbo-progs argyll icc-profiles-free
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

# Colour profiles: what Little CMS, inside ImageMagick, makes of them. The
# profiles are Debian's icc-profiles-free (zlib licence) or made by Argyll from
# its data; twin is a lookup-table profile of the space of a matrix profile.
icc=${ICC_DIR:-/usr/share/color/icc}
cp "$icc/FOGRA39L.ti3" "$icc/TR003.ti3" "$work/"
for inks in FOGRA39L TR003; do
	colprof -ql -bn -nc -D $inks "$work/$inks" >/dev/null 2>&1
done
targen -d3 -e1 -m7 -f0 "$work/twin" >/dev/null
fakeread "$icc/compatibleWithAdobeRGB1998.icc" "$work/twin" >/dev/null
colprof -ql -al -bn -nc -D twin "$work/twin" >/dev/null 2>&1
exact="-quality 100 -sampling-factor 1x1"
convert hald:3 -scale 200% "$work/colours.png"
convert "$work/colours.png" $exact -profile "$icc/compatibleWithAdobeRGB1998.icc" profile-matrix.jpg
convert "$work/colours.png" $exact -profile "$work/twin.icc" profile-table.jpg
convert -size 64x16 gradient: -rotate 90 -colorspace Gray $exact -profile "$icc/Gray.icc" profile-grey.jpg
convert -size 96x96 'gradient:rgb(0,174,239)-rgb(255,242,0)' -colorspace CMYK $exact "$work/soft.jpg"
convert -size 16x96 'xc:cmyk(100%,0%,100%,0%)' 'xc:cmyk(0%,100%,100%,0%)' 'xc:cmyk(100%,70%,0%,0%)' \
	'xc:cmyk(0%,35%,85%,0%)' 'xc:cmyk(0%,0%,0%,100%)' 'xc:cmyk(60%,40%,40%,100%)' +append -colorspace CMYK $exact "$work/patches.jpg"
convert "$work/patches.jpg" "$work/soft.jpg" +append -colorspace CMYK $exact ink-plain.jpg
convert ink-plain.jpg -profile "$work/FOGRA39L.icc" $exact ink-profile.jpg
for name in profile-matrix profile-table profile-grey ink-profile; do
	convert $name.jpg -black-point-compensation -profile "$icc/sRGB.icc" -strip PNG24:$name.jpg.png
done
convert ink-plain.jpg -profile "$work/TR003.icc" -black-point-compensation -profile "$icc/sRGB.icc" -strip PNG24:ink-plain.jpg.png
