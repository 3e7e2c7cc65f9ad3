"""Checks what imagechat signs with the reference implementation of C2PA.

Every placement is finished from the recorded answer of Gemini, in each format
that it takes, and read back by c2pa-python: the manifest is valid, the original
is inside as parentOf with Google's valid manifest, and the byte limit is kept.
A flipped byte of the picture is found.

Usage: c2pa_check.py IMAGECHAT RECORDED.json DIRECTORY
"""

import base64
import json
import pathlib
import random
import subprocess
import sys

import c2pa

imagechat, recorded, directory = sys.argv[1:]
directory = pathlib.Path(directory)
directory.mkdir(parents=True, exist_ok=True)
problems = []
checked = 0

parts = json.loads(pathlib.Path(recorded).read_text())["candidates"][0]["content"]["parts"]
source = directory / "original.jpg"
source.write_bytes(base64.b64decode(next(p["inlineData"]["data"] for p in parts if "inlineData" in p)))


def read(path):
    """The report of the reference implementation, or None where it finds no manifest."""
    try:
        with c2pa.Reader(str(path)) as reader:
            return json.loads(reader.json())
    except Exception:
        return None


def valid(report):
    """Valid but for the trust in the signer, which no list vouches for here."""
    codes = [s["code"] for s in report.get("validation_status", [])]
    return report["validation_state"] in ("Valid", "Trusted") and all(c == "signingCredential.untrusted" for c in codes)


original = read(source)
google = original["active_manifest"]
assert valid(original), original.get("validation_status")

purposes = json.loads(subprocess.run([imagechat, "purposes", "--json"], check=True, capture_output=True).stdout)
last = None
for purpose in purposes:
    delivered = 0
    for form in purpose["formats"] if purpose["width"] else []:
        out = directory / f"{purpose['id']}.{form}"
        run = subprocess.run([imagechat, "finish", str(source), "--purpose", purpose["id"], "--format", form, "-o", str(out)], capture_output=True, text=True)
        checked += 1
        if "file limit cannot be met" in run.stderr and len(purpose["formats"]) > 1:
            continue  # a photograph as PNG; another format has to do
        delivered += 1
        if run.returncode or "warning" in run.stderr:
            problems.append(f"{out.name}: {run.stderr.strip()}")
            continue
        limit = purpose.get("max_bytes", 0)
        if limit and out.stat().st_size > limit:
            problems.append(f"{out.name}: {out.stat().st_size} bytes, the limit is {limit}")
        report = read(out)
        if report is None or not valid(report):
            problems.append(f"{out.name}: {report and report.get('validation_status')}")
            continue
        active = report["manifests"][report["active_manifest"]]
        parents = [i for i in active.get("ingredients", []) if i.get("relationship") == "parentOf"]
        if len(parents) != 1 or parents[0].get("active_manifest") != google or google not in report["manifests"]:
            problems.append(f"{out.name}: the original is not its parent")
        deltas = report.get("validation_results", {}).get("ingredientDeltas", [])
        failed = [f["code"] for d in deltas for f in d["validationDeltas"]["failure"]]
        if failed:
            problems.append(f"{out.name}: the original's manifest: {failed}")
        last = out
    if purpose["width"] and not delivered:
        problems.append(f"{purpose['id']}: no format could be delivered")

if last is None:
    problems.append("nothing was finished")
else:
    random.seed(1)
    whole = last.read_bytes()
    for at in random.sample(range(len(whole) // 2, len(whole)), 25):
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        flipped = directory / f"flipped{last.suffix}"
        flipped.write_bytes(damaged)
        report = read(flipped)
        if report is not None and valid(report):
            problems.append(f"{last.name}: a flipped byte {at} was not found")

print(f"{checked} files signed and read by c2pa-python {c2pa.__version__ if hasattr(c2pa, '__version__') else ''}")
for problem in problems:
    print("  " + problem)
sys.exit(1 if problems else 0)
