#!/bin/sh
# Makes swop.rgb: what the inks of web offset printing on coated paper look like
# in sRGB. 9 steps of cyan, magenta, yellow and black, the last changing fastest,
# three bytes each.
# The measurements are CGATS TR 003 (SWOP, coated paper of grade 3), as Debian's
# icc-profiles-free has them under the zlib licence; Argyll makes a profile of
# them and Little CMS converts, perceptual with black point compensation.
# Debian: apt-get install argyll icc-profiles-free python3-pil python3-numpy
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "${ICC_DIR:-/usr/share/color/icc}/TR003.ti3" "$work/"
colprof -ql -bn -nc -D "TR003" "$work/TR003" >/dev/null 2>&1
${PYTHON:-python3} - "$work/TR003.icc" <<'PY'
import sys
import numpy as np
from PIL import Image, ImageCms
steps = np.round(np.linspace(0, 255, 9)).astype(np.uint8)
inks = np.stack(np.meshgrid(steps, steps, steps, steps, indexing="ij"), -1).reshape(1, -1, 4)
convert = ImageCms.buildTransform(sys.argv[1], ImageCms.createProfile("sRGB"), "CMYK", "RGB",
                                  ImageCms.Intent.PERCEPTUAL, ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOOPTIMIZE)
rgb = ImageCms.applyTransform(Image.fromarray(inks, "CMYK"), convert)
open("swop.rgb", "wb").write(np.asarray(rgb).tobytes())
PY
