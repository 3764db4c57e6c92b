"""A stand-in for ECR: a real container registry behind ECR's rules, and ECR's API for the aws CLI; no builds.

Three servers share one loopback address, so that any number of registries can stand side by side:

* port 80, what `docker` talks to: a proxy with ECR's rules, namely that a client must have logged in, that a
  repository must have been created, and that a tag of an immutable repository is never moved;
* port 5000, behind the proxy: Debian's `docker-registry`, which stores the images;
* port 8080, what `aws ecr` talks to: the three API calls that a build makes, answered from the stored images.

moto is not used for the API, because no registry stands behind its ECR: it would know nothing of what was
pushed, and the password it hands out opens nothing.

The proxy asks for the password, rather than the registry's own htpasswd: that file needs a bcrypt hash, which
Python cannot make without a further dependency. It speaks plain HTTP, which a client must be told to accept.
"""

from __future__ import annotations

import base64
import http.client
import io
import json
import random
import re
import secrets
import shutil
import subprocess
import tarfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ACCOUNT = "123456789012"
REGION = "eu-west-1"
HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
#: A repository that is always there: builds keep podman's layer cache in it (see `tests.support.codebuild`).
CACHE_REPOSITORY = "podman-cache"

_STORAGE_PORT = 5000
_API_PORT = 8080
_START_SECONDS = 10.0
_BLOCK = 1 << 16
_MANIFEST_TYPES = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)
_CONNECTION_HEADERS = frozenset({"connection", "keep-alive", "transfer-encoding"})
_REPOSITORY_PATH = re.compile(r"/v2/(?P<repository>.+)/(?P<kind>manifests|blobs|tags)/(?P<rest>[^?]*)")

#: What JSON decodes to: the one place where types end.
Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A running registry: what a build needs to reach it, and a view of what has been pushed."""

    address: str
    password: str
    host: str = HOST
    _immutable: dict[str, bool] = field(default_factory=lambda: {CACHE_REPOSITORY: False}, repr=False)
    _accounts: set[str] = field(default_factory=lambda: {ACCOUNT}, repr=False)

    def of_account(self, account: str, region: str = REGION) -> Registry:
        """The same registry as that of another account."""
        self._accounts.add(account)
        return replace(self, host=f"{account}.dkr.ecr.{region}.amazonaws.com")

    @property
    def environment(self) -> Mapping[str, str]:
        """What sends `aws ecr` here; botocore puts it before a general endpoint."""
        return {"AWS_ENDPOINT_URL_ECR": f"http://{self.address}:{_API_PORT}"}

    def uri(self, repository: str) -> str:
        """The repository's name as `docker` writes it, without a tag."""
        return f"{self.host}/{repository}"

    def create(self, repository: str) -> str:
        """Create a repository whose tags may be moved; give its URI. As in ECR, pushes create none."""
        self._immutable[repository] = False
        return self.uri(repository)

    def immutable(self, repository: str) -> str:
        """Create a repository with tag immutability (or turn it on for one that is there); give its URI."""
        self._immutable[repository] = True
        return self.uri(repository)

    def knows(self, repository: str) -> bool:
        """Whether the repository was created."""
        return repository in self._immutable

    def refuses(self, repository: str, tag: str) -> bool:
        """Whether the tag is there already and the repository immutable."""
        return self._immutable.get(repository, False) and self.digest(repository, tag) is not None

    def tags(self, repository: str) -> tuple[str, ...]:
        """The tags in alphabetical order."""
        status, _, content = self._fetch("GET", f"/v2/{repository}/tags/list")
        return tuple(sorted(json.loads(content)["tags"] or ())) if status == HTTPStatus.OK else ()

    def digest(self, repository: str, reference: str) -> str | None:
        """The digest under a tag (or a digest), or None if there is no such image."""
        status, headers, _ = self._fetch("HEAD", f"/v2/{repository}/manifests/{reference}")
        return headers["Docker-Content-Digest"] if status == HTTPStatus.OK else None

    def manifest_text(self, repository: str, reference: str) -> str:
        """The manifest as it was pushed, byte for byte what the digest is taken of."""
        status, _, content = self._fetch("GET", f"/v2/{repository}/manifests/{reference}")
        if status != HTTPStatus.OK:
            raise LookupError(f"no image {reference!r} in repository {repository!r}")
        return content.decode()

    def manifest(self, repository: str, reference: str) -> Document:
        """The manifest, decoded."""
        decoded: Document = json.loads(self.manifest_text(repository, reference))
        return decoded

    def image_config(self, repository: str, reference: str) -> Document:
        """What a container of the image would run with: `Labels`, `Env`, `Cmd` and so on."""
        digest = self.manifest(repository, reference)["config"]["digest"]
        config: Document = json.loads(self._blob(repository, digest))["config"]
        return config

    def image_history(self, repository: str, reference: str) -> Document:
        """The whole configuration of the image, with the history that `docker history` shows."""
        digest = self.manifest(repository, reference)["config"]["digest"]
        document: Document = json.loads(self._blob(repository, digest))
        return document

    def image_layers(self, repository: str, reference: str) -> tuple[str, ...]:
        """The digests of the layers, lowest first."""
        return tuple(layer["digest"] for layer in self.manifest(repository, reference)["layers"])

    def image_files(self, repository: str, reference: str) -> Mapping[str, bytes]:
        """The regular files of the image: absolute path -> content."""
        files: dict[str, bytes] = {}
        for layer in self.image_layers(repository, reference):
            with tarfile.open(fileobj=io.BytesIO(self._blob(repository, layer))) as archive:
                _apply_layer(files, archive)
        return files

    def _blob(self, repository: str, digest: str) -> bytes:
        status, _, content = self._fetch("GET", f"/v2/{repository}/blobs/{digest}")
        if status != HTTPStatus.OK:
            raise LookupError(f"no blob {digest!r} in repository {repository!r}")
        return content

    def _fetch(self, method: str, path: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Ask the storage directly, past the proxy and its rules."""
        connection = http.client.HTTPConnection(self.address, _STORAGE_PORT, timeout=30)
        try:
            connection.request(method, path, headers={"Accept": ", ".join(_MANIFEST_TYPES)})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()


def _apply_layer(files: dict[str, bytes], archive: tarfile.TarFile) -> None:
    """Lay one layer over the files so far; a file named `.wh.x` in it says that `x` is gone."""
    for member in archive.getmembers():
        path = "/" + member.name.removeprefix("./").lstrip("/")
        folder, _, name = path.rpartition("/")
        if name.startswith(".wh."):
            gone = folder if name == ".wh..wh..opq" else f"{folder}/{name.removeprefix('.wh.')}"
            for present in [file for file in files if file == gone or file.startswith(f"{gone}/")]:
                del files[present]
        elif member.isfile() and (content := archive.extractfile(member)):
            files[path] = content.read()


class _Server(ThreadingHTTPServer):
    """A server whose handlers know the registry."""

    def __init__(self, port: int, handler: type[_Handler], registry: Registry) -> None:
        super().__init__((registry.address, port), handler)
        self.registry = registry


class _Handler(BaseHTTPRequestHandler):
    """What both servers need: the registry, the body of a request, an answer in JSON."""

    protocol_version = "HTTP/1.1"

    @property
    def registry(self) -> Registry:
        assert isinstance(self.server, _Server)
        return self.server.registry

    def body(self) -> Iterator[bytes]:
        """The body in blocks; Go's HTTP client sends it chunked where it does not know the size yet."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline().partition(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        remaining = int(self.headers.get("Content-Length", "0"))
        while remaining and (block := self.rfile.read(min(remaining, _BLOCK))):
            remaining -= len(block)
            yield block

    def answer(self, status: int, document: Document, headers: Mapping[str, str]) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: the test's output belongs to the test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """Why the proxy passes a request on to nobody."""

    status: int
    code: str
    message: str


class _Proxy(_Handler):
    """ECR's rules in front of the storage."""

    def relay(self) -> None:
        refusal = self.refusal()
        if refusal is None:
            self.forward()
            return
        for _ in self.body():  # unread, it would be taken for the next request on this connection
            pass
        headers = {"Content-Type": "application/json"}
        if refusal.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = f'Basic realm="https://{self.registry.host}/"'
        self.answer(refusal.status, {"errors": [{"code": refusal.code, "message": refusal.message}]}, headers)

    # `http.server` calls a method by the request's own word.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = relay  # noqa: N815

    def refusal(self) -> _Refusal | None:
        """The first of ECR's rules that the request breaks."""
        if self.headers.get("Authorization") != f"Basic {_token(self.registry)}":
            return _Refusal(status=HTTPStatus.UNAUTHORIZED, code="UNAUTHORIZED", message="Not Authorized")
        match = _REPOSITORY_PATH.match(self.path)
        if match is None:
            return None
        repository, reference = match["repository"], match["rest"]
        if not self.registry.knows(repository):
            message = _unknown_repository(repository)
            return _Refusal(status=HTTPStatus.NOT_FOUND, code="NAME_UNKNOWN", message=message)
        putting_tag = self.command == "PUT" and match["kind"] == "manifests" and ":" not in reference
        if putting_tag and self.registry.refuses(repository, reference):
            message = (
                f"The image tag '{reference}' already exists in the '{repository}' repository "
                "and cannot be overwritten because the tag is immutable."
            )
            return _Refusal(status=HTTPStatus.BAD_REQUEST, code="TAG_INVALID", message=message)
        return None

    def forward(self) -> None:
        """Pass the request to the storage and its response back, block by block."""
        headers = _without_connection(self.headers.items())
        chunked = "Transfer-Encoding" in self.headers
        if chunked:
            headers["Transfer-Encoding"] = "chunked"
        has_body = chunked or "Content-Length" in self.headers
        connection = http.client.HTTPConnection(self.registry.address, _STORAGE_PORT, timeout=60)
        try:
            body = self.body() if has_body else None
            connection.request(self.command, self.path, body=body, headers=headers, encode_chunked=chunked)
            self.give_back(connection.getresponse())
        finally:
            connection.close()

    def give_back(self, response: http.client.HTTPResponse) -> None:
        self.send_response_only(response.status)
        for name, value in _without_connection(response.getheaders()).items():
            self.send_header(name, value)
        if "Content-Length" in response.headers or response.status == HTTPStatus.NO_CONTENT:
            self.end_headers()
            shutil.copyfileobj(response, self.wfile)
            return
        content = response.read()  # of unknown length: only short lists are
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _without_connection(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers that are about the message, not about the one connection it came over.

    A repeated one becomes a list: of podman's many `Accept` lines the registry has to see them all.
    """
    joined: dict[str, str] = {}
    for name, value in headers:
        if name.lower() not in _CONNECTION_HEADERS:
            joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


class _ApiError(Exception):
    """An error that the API answers with."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Api(_Handler):
    """ECR's API, as far as builds call it: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/."""

    def do_POST(self) -> None:
        request: Document = json.loads(b"".join(self.body()) or b"{}")
        version, _, operation = self.headers.get("X-Amz-Target", "").partition(".")
        status, document = HTTPStatus.OK, {}
        try:
            if version != "AmazonEC2ContainerRegistry_V20150921" or operation not in _OPERATIONS:
                raise _ApiError("UnknownOperationException", f"no operation {operation!r} in this stand-in")
            document = _OPERATIONS[operation](self.registry, request)
        except _ApiError as error:
            status, document = HTTPStatus.BAD_REQUEST, {"__type": error.code, "message": str(error)}
        self.answer(status, document, {"Content-Type": "application/x-amz-json-1.1"})


def _token(registry: Registry) -> str:
    return base64.b64encode(f"AWS:{registry.password}".encode()).decode()


def _unknown_repository(repository: str) -> str:
    return f"The repository with name '{repository}' does not exist in the registry with id '{ACCOUNT}'"


def _check_repository(registry: Registry, request: Document) -> str:
    repository: str = request["repositoryName"]
    if request.get("registryId", ACCOUNT) not in registry._accounts or not registry.knows(repository):
        raise _ApiError("RepositoryNotFoundException", _unknown_repository(repository))
    return repository


def _get_authorization_token(registry: Registry, _: Document) -> Document:
    twelve_hours = 12 * 60 * 60
    data = {
        "authorizationToken": _token(registry),
        "expiresAt": time.time() + twelve_hours,
        "proxyEndpoint": f"https://{registry.host}",
    }
    return {"authorizationData": [data]}


def _batch_get_image(registry: Registry, request: Document) -> Document:
    repository = _check_repository(registry, request)
    images, failures = [], []
    for identifier in request["imageIds"]:
        digest = registry.digest(repository, identifier.get("imageDigest") or identifier["imageTag"])
        if digest is None:
            reason = "Requested image not found"
            failures.append({"imageId": identifier, "failureCode": "ImageNotFound", "failureReason": reason})
            continue
        image = _stored_image(registry, repository, digest)
        manifest = registry.manifest_text(repository, digest)
        images.append(image | {"imageId": identifier | {"imageDigest": digest}, "imageManifest": manifest})
    return {"images": images, "failures": failures}


def _describe_images(registry: Registry, request: Document) -> Document:
    """Describe the images that have a tag; a registry lists no others, nor knows when they were pushed."""
    repository = _check_repository(registry, request)
    tags: dict[str, list[str]] = {}
    for tag in registry.tags(repository):
        tags.setdefault(registry.digest(repository, tag) or "", []).append(tag)
    chosen = list(tags)
    if identifiers := request.get("imageIds"):
        chosen = [_described_digest(registry, repository, identifier) for identifier in identifiers]
    details = []
    for digest in chosen:
        layers = registry.manifest(repository, digest).get("layers", ())
        detail = {"imageDigest": digest, "imageSizeInBytes": sum(layer["size"] for layer in layers)}
        tagged = {"imageTags": tags[digest]} if digest in tags else {}
        details.append(_stored_image(registry, repository, digest) | detail | tagged)
    return {"imageDetails": details}


def _described_digest(registry: Registry, repository: str, identifier: Document) -> str:
    tag, digest = identifier.get("imageTag", "null"), identifier.get("imageDigest", "null")
    found = registry.digest(repository, tag if digest == "null" else digest)
    if found is None:
        image = f"The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}}"
        where = f"the repository with name '{repository}' in the registry with id '{ACCOUNT}'"
        raise _ApiError("ImageNotFoundException", f"{image} does not exist within {where}")
    return found


def _stored_image(registry: Registry, repository: str, digest: str) -> Document:
    oci = _MANIFEST_TYPES[2]  # whose manifests need not name their type
    media_type = registry.manifest(repository, digest).get("mediaType", oci)
    return {"registryId": ACCOUNT, "repositoryName": repository, "imageManifestMediaType": media_type}


_OPERATIONS: Mapping[str, Callable[[Registry, Document], Document]] = {
    "BatchGetImage": _batch_get_image,
    "DescribeImages": _describe_images,
    "GetAuthorizationToken": _get_authorization_token,
}


@contextmanager
def start_registry(directory: Path) -> Iterator[Registry]:
    """Run a registry that keeps its images and its log in the directory, until the block ends; needs root."""
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        proxy = _claim_address()
        stack.enter_context(_serving(proxy))
        stack.enter_context(_serving(_Server(_API_PORT, _Api, proxy.registry)))
        stack.enter_context(_storage(directory, proxy.registry.address))
        yield proxy.registry


def _claim_address() -> _Server:
    """Take a loopback address that nobody serves on yet; port 80 on it is the claim."""
    for _ in range(20):
        address = f"127.{random.randint(64, 254)}.{random.randint(1, 254)}.{random.randint(1, 254)}"
        try:
            return _Server(80, _Proxy, Registry(address=address, password=secrets.token_urlsafe(24)))
        except OSError as error:
            refused = error
    raise RuntimeError("no loopback address lets a server listen on port 80") from refused


@contextmanager
def _serving(server: _Server) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _storage(directory: Path, address: str) -> Iterator[None]:
    configuration = {
        "version": "0.1",
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(directory / "images")}},
        "http": {"addr": f"{address}:{_STORAGE_PORT}", "relativeurls": True},
    }
    file = directory / "configuration.yml"
    file.write_text(json.dumps(configuration))  # JSON is YAML
    with (directory / "registry.log").open("wb") as log:
        command = [shutil.which("docker-registry") or "docker-registry", "serve", str(file)]
        process = subprocess.Popen(command, stdout=log, stderr=log, env={})
    try:
        _wait_for(process, address, directory / "registry.log")
        yield
    finally:
        process.terminate()
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection(address, _STORAGE_PORT, timeout=1)
        try:
            connection.request("GET", "/v2/")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.02)
        finally:
            connection.close()
    raise RuntimeError(f"docker-registry did not start:\n{log.read_text()}")
