"""A bundle laid out like the venue's zip: our protos with the numbers a venue would have."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

__all__ = ["OURS", "bundle", "protoc"]

OURS = Path(__file__).resolve().parents[2] / "specs/proto"

_BLOCK = re.compile(r"^(?:message|enum) \w+ \{\n.*?^\}", re.M | re.S)
_NUMBER = re.compile(r" = (\d+);(?:  //.*)?$", re.M)
_RESERVED = re.compile(r"reserved (\d+);")

# what the venue's files import beside each other, cut down to what is needed to compile
_HTTP = """syntax = "proto3";
package google.api;
message HttpRule {
  oneof pattern {
    string get = 2;
    string post = 4;
  }
  string body = 7;
}
"""
_ANNOTATIONS = """syntax = "proto3";
package google.api;
import "google/api/http.proto";
import "google/protobuf/descriptor.proto";
extend google.protobuf.MethodOptions {
  HttpRule http = 72295728;
}
"""
_OPENAPI = """syntax = "proto3";
package grpc.gateway.protoc_gen_openapiv2.options;
import "google/protobuf/descriptor.proto";
message Swagger {
  string base_path = 4;
}
extend google.protobuf.FileOptions {
  Swagger openapiv2_swagger = 1042;
}
"""
_IMPORTS = (
    'import "google/api/annotations.proto";\n'
    'import "protoc-gen-openapiv2/options/annotations.proto";\n'
    'option go_package = "polymarket/v1;polymarketv1";\n'
    'option (grpc.gateway.protoc_gen_openapiv2.options.openapiv2_swagger) = { base_path: "/rest/api/" };\n'
)


def bundle(folder: Path) -> Path:
    """Write the bundle, without packages of partners, and return its folder, which holds ``api``."""
    root = folder / "api"
    for path in sorted(OURS.rglob("*.proto")):
        name = path.relative_to(OURS)
        if name.parts[1] == "v1" or name.parts[2] == "settlement":
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(_official(path.read_text()))
    for name, text in (
        ("google/api/http.proto", _HTTP),
        ("google/api/annotations.proto", _ANNOTATIONS),
        ("protoc-gen-openapiv2/options/annotations.proto", _OPENAPI),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return folder


def protoc(root: Path, output: Path, *options: str) -> Path:
    """Compile everything below a folder as the venue's page says, and return where it went."""
    output.mkdir(parents=True, exist_ok=True)
    names = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*.proto"))]
    options = options or (f"--python_out={output}", f"--grpc_python_out={output}")
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", f"-I{root}", *options, *names], check=True, timeout=60
    )
    return output


def _official(text: str) -> str:
    """Number what is ours as if nobody had ever skipped a number, and add what files of a gateway have."""
    text = _BLOCK.sub(lambda match: _numbered(match[0]), text)
    head, semicolon, rest = text.partition(";\n\npackage ")
    package, end, rest = rest.partition(";\n")
    if "service " in rest:
        rest = _IMPORTS + re.sub(
            r"(  rpc (\w+)\(\w+\) returns \(\w+\));",
            r'\1 {\n    option (google.api.http) = { post: "/v1/\2" body: "*" };\n  }',
            rest,
        )
    return f"{head}{semicolon}{package}{end}{rest}"


def _numbered(block: str) -> str:
    taken = {int(number) for number in _NUMBER.findall(block) if int(number) < 1000}
    taken |= {int(number) for number in _RESERVED.findall(block)}
    free: Iterator[int] = (number for number in count(1) if number not in taken)
    return _NUMBER.sub(lambda m: f" = {m[1] if int(m[1]) < 1000 else next(free)};", block)
