#!/usr/bin/env python3
"""bill.py BUILD_FOLDER [--licences FOLDER]: the bill of materials of the program in that folder on standard output, as
SPDX 2.3 JSON: the libraries that it is linked with, the Debian packages whose headers were compiled into it, the npm
packages that the dashboard is made of. With --licences also their texts, a file each, for whoever hands it on."""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
# By Debian source package. What is not here somebody has to look up first.
LICENCES = {
    "abseil": "Apache-2.0", "cli11": "BSD-3-Clause", "gcc-12": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "glibc": "LGPL-2.1-or-later", "linux": "GPL-2.0-only WITH Linux-syscall-note", "nlohmann-json3": "MIT",
    "openssl": "Apache-2.0", "prometheus-cpp": "MIT", "re2": "BSD-3-Clause", "rocksdb": "GPL-2.0-only OR Apache-2.0",
    "simdjson": "Apache-2.0", "xxhash": "BSD-2-Clause", "yaml-cpp": "MIT", "zlib": "Zlib",
}


def said(*command, cwd=ROOT):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stdout


def packages_of(paths):
    """The Debian packages that own these files: {package: (version, source)}."""
    if not paths:
        return {}
    # Where /lib is /usr/lib, dpkg knows some files by the short name only.
    names = {str(name) for path in paths for name in (path, os.path.realpath(path))}
    names |= {name.removeprefix("/usr") for name in names if name.startswith("/usr/lib")}
    listed = subprocess.run(["dpkg", "-S", *sorted(names)], capture_output=True, text=True).stdout
    owners = sorted({line.split(":")[0] for line in listed.splitlines() if not line.startswith("diversion")})
    form = "${Package}\t${Version}\t${source:Package}\n"
    rows = [row.split("\t") for row in said("dpkg-query", "-W", "-f", form, *owners).splitlines()]
    return {name: (version, source) for name, version, source in rows}


def linked(program):
    """The files of the shared libraries that the program itself asks for."""
    wanted = re.findall(r"\(NEEDED\).*\[(.*)\]", said("readelf", "-d", str(program)))
    found = dict(re.findall(r"^\s*(\S+) => (/\S+)", said("ldd", str(program)), re.M))
    return [found[name] for name in wanted]


def compiled_in(build):
    """The headers outside of our sources that its objects were made with."""
    objects = {line for line in said("ninja", "-t", "inputs", "weir", cwd=build).splitlines() if line.endswith(".o")}
    headers, wanted = set(), False
    for line in said("ninja", "-t", "deps", cwd=build).splitlines():
        if line and not line.startswith(" "):
            wanted = line.split(":")[0] in objects
        elif wanted and line.strip().startswith("/usr/"):
            headers.add(line.strip())
    return headers


def npm_packages():
    """(name, what the lock says) of what is in the dashboard."""
    lock = json.loads((ROOT / "dashboard/package-lock.json").read_text())["packages"]
    for path, entry in sorted(lock.items()):
        if path and not entry.get("dev") and not entry.get("optional") and not entry.get("peer"):
            yield path.removeprefix("node_modules/"), entry


def identifier(*parts):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", "-".join(parts))


def package(kind, name, version, licence, locator):
    return {"SPDXID": identifier(kind, name), "name": name, "versionInfo": version, "licenseDeclared": licence,
            "licenseConcluded": licence, "copyrightText": "NOASSERTION", "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False,
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                              "referenceLocator": locator}]}


def debian(name, version, source):
    if source not in LICENCES:
        sys.exit(f"bill.py: {name} (source {source}) is new: look its licence up and add it")
    return package("deb", name, version, LICENCES[source], f"pkg:deb/debian/{name}@{version}")


def npm(name, entry):
    made = package("npm", name, entry["version"], entry["license"],
                   f"pkg:npm/{name.replace('@', '%40')}@{entry['version']}")
    return {**made, "downloadLocation": f"pkg:npm/{name}@{entry['version']}"}


def document(version, dynamic, static, scripts):
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    weir = {**package("program", "weir", version, "MIT", f"pkg:generic/weir@{version}"), "primaryPackagePurpose": "APPLICATION"}
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", weir["SPDXID"])]
    relations += [(weir["SPDXID"], "DYNAMIC_LINK", each["SPDXID"]) for each in dynamic]
    relations += [(weir["SPDXID"], "STATIC_LINK", each["SPDXID"]) for each in static]
    relations += [(weir["SPDXID"], "CONTAINS", each["SPDXID"]) for each in scripts]
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"weir-{version}",
            "documentNamespace": f"https://spdx.org/spdxdocs/weir-{version}",
            "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch)), "creators": ["Tool: deploy/bill.py"]},
            "packages": [weir, *dynamic, *static, *scripts],
            "relationships": [{"spdxElementId": one, "relationshipType": how, "relatedSpdxElement": other}
                              for one, how, other in relations]}


def keep_licences(folder, owners, scripts):
    folder.mkdir(parents=True, exist_ok=True)
    for name in owners:
        (folder / f"{name}.txt").write_text(pathlib.Path(f"/usr/share/doc/{name}/copyright").read_text(errors="replace"))
    for name, _ in scripts:
        texts = sorted((ROOT / "dashboard/node_modules" / name).glob("LICEN[CS]E*"))
        if not texts:
            sys.exit(f"bill.py: {name} brings no licence")
        (folder / f"npm-{name.replace('/', '-').replace('@', '')}.txt").write_text(texts[0].read_text())


def main():
    parser = argparse.ArgumentParser(prog="bill.py")
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--licences", type=pathlib.Path)
    chosen = parser.parse_args()
    program = chosen.build / "weir"
    version = said(str(program.resolve()), "--version").split()[-1]
    libraries = packages_of(linked(program))
    headers = {name: what for name, what in packages_of(compiled_in(chosen.build)).items()}
    scripts = list(npm_packages())
    bill = document(version, [debian(name, *what) for name, what in sorted(libraries.items())],
                    [debian(name, *what) for name, what in sorted(headers.items())],
                    [npm(*each) for each in scripts])
    if chosen.licences:
        keep_licences(chosen.licences, sorted({*libraries, *headers}), scripts)
    json.dump(bill, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
