#!/usr/bin/env python3
"""Makes the table behind assets.h: every file of a folder, with content type, ETags and a gzip twin.

embed.py FOLDER OUT writes OUT/assets.bin (all bytes, one after another) and OUT/assets_table.cpp. Equal
folders give equal files: the gzip twins carry neither time nor name.
"""
import gzip
import hashlib
import pathlib
import re
import sys

TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".ts": "text/plain; charset=utf-8", ".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png",
    ".ico": "image/x-icon", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json", ".map": "application/json",
}
HASHED = re.compile(r"^/assets/.*[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")  # Vite's names
PAYS = 0.95  # a twin that saves less than 5% is not kept


def rows(folder, blob):
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        path = "/" + file.relative_to(folder).as_posix()
        plain = file.read_bytes()
        twin = gzip.compress(plain, 9, mtime=0)
        if len(twin) > PAYS * len(plain):
            twin = b""
        tag = hashlib.sha256(plain).hexdigest()[:20]
        at = len(blob)
        blob += plain + twin
        yield {"path": "/" if path == "/index.html" else path, "type": TYPES.get(file.suffix, "application/octet-stream"),
               "tag": tag, "plain": (at, len(plain)), "gzip": (at + len(plain), len(twin)),
               "immutable": "true" if HASHED.match(path) else "false"}


def literal(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main(folder, out):
    blob = bytearray()
    table = sorted(rows(folder, blob), key=lambda row: row["path"].encode()) if folder.is_dir() else []
    out.mkdir(parents=True, exist_ok=True)
    (out / "assets.bin").write_bytes(blob)
    lines = [
        "// Made by embed.py.",
        f"// {hashlib.sha256(blob).hexdigest()}",
        '#include "gateway/server/assets.h"',
        f'__asm__(".section .rodata\\n.balign 16\\nweir_assets_bytes: .incbin " "\\"{out / "assets.bin"}\\""',
        '        "\\n.byte 0\\n.previous\\n");',
        'extern "C" const std::uint8_t weir_assets_bytes[] __attribute__((visibility("hidden")));',
        "namespace gateway::server {",
        "std::span<const Asset> embedded_assets() {",
    ]
    if not table:
        lines.append("  return {};")
    else:
        lines.append("  static const Asset kTable[] = {")
        for row in table:
            etag, gzip_etag = literal(f'"{row["tag"]}"'), literal(f'"{row["tag"]}-gz"')
            views = ", ".join("{weir_assets_bytes + %d, %d}" % row[key] for key in ("plain", "gzip"))
            lines.append(f'      {{{literal(row["path"])}, {literal(row["type"])}, {etag}, {gzip_etag}, {views}, '
                         f'{row["immutable"]}}},')
        lines += ["  };", "  return kTable;"]
    lines += ["}", "}  // namespace gateway::server", ""]
    (out / "assets_table.cpp").write_text("\n".join(lines))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
