"""The blocks of the script that builds and pushes images, which have a blank line between them.

They are not a Jinja template because nearly every definition builds an image, and importing Jinja and compiling the
template took a sixth of a whole render. Functions that are the same in all scripts are in `templates/docker_build.sh`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipegen.frozen import frozen


@frozen
class TagWord:
    """A further tag of an image. index: its number, from 1; is_frozen: whether the repository never moves it."""

    index: int
    word: str
    is_frozen: bool


@frozen
class ImageWords:
    """What the script says about one image. Every text is a shell word already, except for the container, the name
    that shell variables end with, and the variables of secrets."""

    container: str
    name: str
    repository: str
    options: Sequence[str]
    secrets: Sequence[str]
    context: str
    tags: Sequence[TagWord]

    def tagged(self, tag: str) -> str:
        """The repository's URI with a tag, as a shell word."""
        return f'{self.repository[:-1]}:{tag}"'


_OPENING = """\
set -euo pipefail
cd "$CODEBUILD_SRC_DIR"

# The tag: the beginning of the commit, or the build number where the source has no commit.
build_labels=()
if [[ "${CODEBUILD_RESOLVED_SOURCE_VERSION:-}" =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ ]]; then
  source_revision=$CODEBUILD_RESOLVED_SOURCE_VERSION
  build_labels+=(--label "org.opencontainers.image.revision=$source_revision")
  commit_tag=${source_revision:0:COMMIT_LENGTH}
else
  source_revision=$CODEBUILD_BUILD_ID  # such a number may come again for other content
  commit_tag=build-$CODEBUILD_BUILD_NUMBER
fi"""


def opening(commit_length: int) -> str:
    return _OPENING.replace("COMMIT_LENGTH", str(commit_length))


def fingerprinted(words: Sequence[str], read: Sequence[str]) -> str:
    files = [f"  (cd {each} && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum)\n" for each in read]
    return f"""\
# What the images are made of: another build takes an image for its own only if all of it is the same.
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
# choose_tag: an IMAGE_TAG that in every repository belongs to this build's image or to none: the commit's or, where
# another image has that, the same with a part of the fingerprint
choose_tag() {{
  local free
  for IMAGE_TAG in "$commit_tag" "$commit_tag-${{build_fingerprint:0:12}}"; do
    free=yes
{"".join(looked_up)}    [[ $free == no ]] || return 0
  done
  echo "no tag is left for commit $source_revision: the tags above are taken" >&2
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
  echo "two images of this build would be pushed to one repository: $twice" >&2
  exit 1
fi"""


def further_tags(images: Sequence[ImageWords]) -> str:
    return "\n".join(f"tag_{image.name}_{tag.index}=$(fit_tag {tag.word})" for image in images for tag in image.tags)


def build_images(images: Sequence[ImageWords], cache: str | None) -> str:
    built = "\n".join(_build(image, number, cache) for number, image in enumerate(images, start=1))
    return f"""\
# Build every image before any is pushed.
images_built=' '
build_images() {{
{built}
}}"""


def _build(image: ImageWords, number: int, cache: str | None) -> str:
    secrets = [f'    : "${{{each}?is not set, which a secret of {image.container} needs}}"\n' for each in image.secrets]
    layers = f"$CACHE_REPOSITORY:layers-{image.container}"
    from_cache = f'      --cache-from "type=registry,ref={layers}" --cache-to type=inline \\\n' if cache else ""
    return f"""\
  if [[ "$digest_{image.name}" != None ]]; then
    echo "{image.container}: $IMAGE_TAG exists already: taking that image"
  elif [[ $images_built != *' {image.name} '* ]]; then
{"".join(secrets)}    {"DOCKER_BUILDKIT=1 " if image.secrets else ""}docker build --tag {image.tagged("unpushed")} \\
      "${{build_labels[@]}}" --label "pipegen.fingerprint=$build_fingerprint-{number}" \\
{from_cache}      {" ".join(image.options)} {image.context}
    images_built+='{image.name} '
  fi"""


def choose_and_build(images: Sequence[ImageWords]) -> str:
    held = "".join(_held(image) for image in images)
    return f"""\
choose_tag
{held}build_images
if [[ $images_built != ' ' ]]; then  # meanwhile another build may have pushed
  choose_tag
  build_images
fi
export IMAGE_TAG"""


def _held(image: ImageWords) -> str:
    tags = [(tag, f"tag_{image.name}_{tag.index}") for tag in image.tags if tag.is_frozen]
    checked = [
        f"""\
held=$(digest_of {image.repository} "${name}")
if [[ "$held" != None && "$held" != "$digest_{image.name}" ]]; then
  echo "{image.container}: ${name} is taken by another image" >&2
  exit 1
fi
"""
        for _, name in tags
    ]
    return "".join(["# A tag that cannot be moved belongs to this image or to none.\n", *checked]) if checked else ""


def push(image: ImageWords, number: int) -> str:
    return f"""\
if [[ "$digest_{image.name}" == None ]]; then
  push {image.repository} {number}
  digest_{image.name}=$(pushed_digest {image.repository} "$IMAGE_TAG")
fi
export IMAGE_URI_{image.name}={image.repository[:-1]}@$digest_{image.name}\""""


def after_push(image: ImageWords, cache: str | None) -> Iterator[str]:
    """The lines that give an image further tags, and keep its layers for the next build."""
    for tag in image.tags:
        yield f'add_tag {image.repository} "$digest_{image.name}" "$tag_{image.name}_{tag.index}"'
    if cache:
        yield f'docker tag {image.tagged("$IMAGE_TAG")} "$CACHE_REPOSITORY:layers-{image.container}"'
        yield f'docker push "$CACHE_REPOSITORY:layers-{image.container}"'


CLOSING = """\
# CodeBuild may run its own commands in this shell.
set +euo pipefail"""
