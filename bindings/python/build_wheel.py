"""Makes the wheel, with library and module inside: build_wheel.py DIST OUT. Needs nothing but Python.

A wheel is a zip of files and a list of them; there is nothing to compile here.
"""

import base64
import hashlib
import platform
import re
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = (HERE / "pyproject.toml").read_text(encoding="utf-8")


def field(name):
    return re.search(rf'^{name} = "(.*)"$', PROJECT, re.MULTILINE).group(1)


def tag(library):
    """The oldest platform that has what the library asks for."""
    machine = platform.machine()
    names = subprocess.run(["readelf", "--dyn-syms", "--wide", str(library)], capture_output=True, text=True, check=True)
    versions = [tuple(map(int, v.split("."))) for v in re.findall(r"GLIBC_(\d+\.\d+)", names.stdout)]
    if not versions:
        return f"py3-none-musllinux_1_2_{machine}"
    major, minor = max(max(versions), (2, 17))
    return f"py3-none-manylinux_{major}_{minor}_{machine}"


def main(dist, out):
    dist, out = Path(dist), Path(out)
    name, version = field("name"), field("version")
    wheel_tag = tag(dist / "libbartizan.so")
    info = f"{name}-{version}.dist-info"
    files = {}
    for path in sorted((HERE / name).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and "_bundled" not in path.parts:
            files[path.relative_to(HERE).as_posix()] = path.read_bytes()
    files[f"{name}/_bundled/libbartizan.so"] = (dist / "libbartizan.so").read_bytes()
    files[f"{name}/_bundled/bartizan.wasm"] = (dist / "bartizan.wasm").read_bytes()
    for pack in sorted((dist / "packs").glob("*.json")):
        files[f"{name}/_bundled/packs/{pack.name}"] = pack.read_bytes()
    # One line that the interpreter reads at its start: protection by an environment variable alone.
    files[f"{name}.pth"] = (
        b"import os; os.environ.get('BARTIZAN_ENABLED', '').lower() in ('1', 'true', 'yes', 'on') "
        b"and __import__('bartizan._launch')\n"
    )
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        f"Summary: {field('description')}",
        "License: Apache-2.0",
        f"Requires-Python: {field('requires-python')}",
        "Provides-Extra: wasm",
    ]
    for requirement in re.findall(r'"([^"]+)"', re.search(r"^wasm = \[(.*)\]$", PROJECT, re.MULTILINE).group(1)):
        metadata.append(f'Requires-Dist: {requirement}; extra == "wasm"')
    metadata += ["Description-Content-Type: text/markdown", "", (HERE / "README.md").read_text(encoding="utf-8")]
    files[f"{info}/METADATA"] = "\n".join(metadata).encode()
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: bartizan\nRoot-Is-Purelib: false\nTag: {wheel_tag}\n".encode()
    files[f"{info}/entry_points.txt"] = f"[console_scripts]\nbartizan-run = {name}.__main__:run\n".encode()
    record = []
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(content)}")
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    out.mkdir(parents=True, exist_ok=True)
    wheel = out / f"{name}-{version}-{wheel_tag}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            archive.writestr(entry, content)
    print(wheel)


main(*sys.argv[1:])
