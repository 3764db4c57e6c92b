"""The blocks of the script that builds and pushes images, separated by blank lines.

They are not a Jinja template because nearly every definition builds an image, and importing Jinja and compiling the
template took a sixth of a whole render. `templates/docker_build.sh` has the functions that are the same in all scripts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipegen.frozen import frozen


@frozen
class TagWord:
    """An additional tag of an image. index: its number, from 1. is_frozen: whether it is immutable in the
    repository."""

    index: int
    word: str
    is_frozen: bool


@frozen
class ImageWords:
    """The parts of the script for one image. All texts are shell words, except the container, `name` (the end of shell
    variables) and the variables of secrets."""

    container: str
    name: str
    repository: str
    options: Sequence[str]
    secrets: Sequence[str]
    context: str
    tags: Sequence[TagWord]

    def tagged(self, tag: str) -> str:
        """The URI of the repository with a tag, as a shell word."""
        return f'{self.repository[:-1]}:{tag}"'


_OPENING = """\
set -euo pipefail
cd "$CODEBUILD_SRC_DIR"

# The tag: the start of the commit id, or the build number if the source has no commit.
build_labels=()
if [[ "${CODEBUILD_RESOLVED_SOURCE_VERSION:-}" =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ ]]; then
  source_revision=$CODEBUILD_RESOLVED_SOURCE_VERSION
  build_labels+=(--label "org.opencontainers.image.revision=$source_revision")
  commit_tag=${source_revision:0:COMMIT_LENGTH}
else
  source_revision=$CODEBUILD_BUILD_ID  # build numbers may be reused for other content
  commit_tag=build-$CODEBUILD_BUILD_NUMBER
fi"""


def opening(commit_length: int) -> str:
    return _OPENING.replace("COMMIT_LENGTH", str(commit_length))


def fingerprinted(words: Sequence[str], read: Sequence[str]) -> str:
    files = [f"  (cd {each} && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum)\n" for each in read]
    return f"""\
# The inputs of the images: a build only reuses the image of another build if all of them are equal.
fingerprinted() {{
  printf '%s\\0' "$source_revision" {" ".join(words)}
{"".join(files)}}}
build_fingerprint=$(fingerprinted | sha256sum)
build_fingerprint=${{build_fingerprint%% *}}"""


def choose_tag(images: Sequence[ImageWords]) -> str:
    looked_up = [
        f"""\
    digest_{image.name}=$(digest_of {image.repository} "$IMAGE_TAG")
    [[ "$digest_{image.name}" == None ]] || is_same {image.repository} "$IMAGE_TAG" {number} || free=no
"""
        for number, image in enumerate(images, start=1)
    ]
    return f"""\
# choose_tag: set IMAGE_TAG to a tag that in every repository is free or belongs to this build's image: that of the
# commit or, if another image has it, the same with a part of the fingerprint
choose_tag() {{
  local free
  for IMAGE_TAG in "$commit_tag" "$commit_tag-${{build_fingerprint:0:12}}"; do
    free=yes
{"".join(looked_up)}    [[ $free == no ]] || return 0
  done
  echo "no free tag for commit $source_revision: other images have the tags above" >&2
  return 1
}}"""


def log_in(repositories: Sequence[str]) -> str:
    return f"""\
for repository in {" ".join(repositories)}; do
  echo "${{repository%%/*}}"
done | sort -u | while IFS=. read -r account service ecr region domain; do
  aws ecr get-login-password --region "$region" |
    docker login --username AWS --password-stdin "$account.$service.$ecr.$region.$domain"
done"""


def no_repository_twice(images: Sequence[ImageWords]) -> str:
    return f"""\
twice=$(printf '%s\\n' {" ".join(image.repository for image in images)} | sort | uniq -d)
if [[ -n "$twice" ]]; then
  echo "two images of this build have the same repository: $twice" >&2
  exit 1
fi"""


def further_tags(images: Sequence[ImageWords]) -> str:
    return "\n".join(f"tag_{image.name}_{tag.index}=$(fit_tag {tag.word})" for image in images for tag in image.tags)


def build_images(images: Sequence[ImageWords], cache: str | None) -> str:
    built = "\n".join(_build(image, number, cache) for number, image in enumerate(images, start=1))
    return f"""\
# Build all images before the first is pushed.
images_built=' '
build_images() {{
{built}
}}"""


def _build(image: ImageWords, number: int, cache: str | None) -> str:
    secrets = [f'    : "${{{each}?is not set; a secret of {image.container} requires it}}"\n' for each in image.secrets]
    layers = f"$CACHE_REPOSITORY:layers-{image.container}"
    from_cache = f'      --cache-from "type=registry,ref={layers}" --cache-to type=inline \\\n' if cache else ""
    return f"""\
  if [[ "$digest_{image.name}" != None ]]; then
    echo "{image.container}: reusing the existing image $IMAGE_TAG"
  elif [[ $images_built != *' {image.name} '* ]]; then
{"".join(secrets)}    {"DOCKER_BUILDKIT=1 " if image.secrets else ""}docker build --tag {image.tagged("unpushed")} \\
      "${{build_labels[@]}}" --label "pipegen.fingerprint=$build_fingerprint-{number}" \\
{from_cache}      {" ".join(image.options)} {image.context}
    images_built+='{image.name} '
  fi"""


def choose_and_build(images: Sequence[ImageWords]) -> str:
    checked = "".join(_check_immutable_tags(image) for image in images)
    return f"""\
choose_tag
{checked}build_images
if [[ $images_built != ' ' ]]; then  # another build may have pushed in the meantime
  choose_tag
  build_images
fi
export IMAGE_TAG"""


def _check_immutable_tags(image: ImageWords) -> str:
    tags = [(tag, f"tag_{image.name}_{tag.index}") for tag in image.tags if tag.is_frozen]
    checked = [
        f"""\
existing=$(digest_of {image.repository} "${name}")
if [[ "$existing" != None && "$existing" != "$digest_{image.name}" ]]; then
  echo "{image.container}: another image has the immutable tag ${name}" >&2
  exit 1
fi
"""
        for _, name in tags
    ]
    return "".join(["# An immutable tag must be free or belong to this image.\n", *checked]) if checked else ""


def push(image: ImageWords, number: int) -> str:
    return f"""\
if [[ "$digest_{image.name}" == None ]]; then
  push {image.repository} {number}
  digest_{image.name}=$(pushed_digest {image.repository} "$IMAGE_TAG")
fi
export IMAGE_URI_{image.name}={image.repository[:-1]}@$digest_{image.name}\""""


def after_push(image: ImageWords, cache: str | None) -> Iterator[str]:
    """The lines that add tags to an image, and cache its layers for the next build."""
    for tag in image.tags:
        yield f'add_tag {image.repository} "$digest_{image.name}" "$tag_{image.name}_{tag.index}"'
    if cache:
        yield f'docker tag {image.tagged("$IMAGE_TAG")} "$CACHE_REPOSITORY:layers-{image.container}"'
        yield f'docker push "$CACHE_REPOSITORY:layers-{image.container}"'


CLOSING = """\
# CodeBuild may run its own commands in this shell.
set +euo pipefail"""
