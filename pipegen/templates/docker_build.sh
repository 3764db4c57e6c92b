# shellcheck shell=bash

# digest_of REPOSITORY TAG: print the digest of the image with that tag, or None
digest_of() {
  local account region
  IFS=. read -r account _ _ region _ <<< "$1"
  aws ecr batch-get-image --region "$region" --registry-id "$account" --repository-name "${1#*/}" \
    --image-ids "imageTag=$2" --query 'images[0].imageId.imageDigest' --output text
}

# label_of IMAGE LABEL: print the value of a label of a local image, or nothing
label_of() {
  docker image inspect --format "{{index .Config.Labels \"$2\"}}" "$1"
}

# is_same REPOSITORY TAG NUMBER: test whether the image with that tag is this build's image with that number
is_same() {
  local revision why="it was built with other settings"
  if docker pull --quiet "$1:$2" > /dev/null; then
    [[ "$(label_of "$1:$2" pipegen.fingerprint)" != "$build_fingerprint-$3" ]] || return 0
    revision=$(label_of "$1:$2" org.opencontainers.image.revision)
    if [[ -z "$revision" ]]; then
      why="it has no label with its commit"
    elif [[ "$revision" != "$source_revision" ]]; then
      why="it was built from commit $revision"
    fi
  else
    why="it cannot be pulled"
  fi
  echo "$1:$2 is a different image: $why" >&2
  return 1
}

# push REPOSITORY NUMBER: push the built image as IMAGE_TAG; succeed if another build has just pushed the same image
push() {
  docker tag "$1:unpushed" "$1:$IMAGE_TAG"
  docker push "$1:$IMAGE_TAG" || is_same "$1" "$IMAGE_TAG" "$2"
}

# pushed_digest REPOSITORY TAG: print the digest of a pushed image; fail if ECR does not have it
pushed_digest() {
  local digest
  digest=$(digest_of "$1" "$2")
  if [[ "$digest" != sha256:* ]]; then
    echo "ECR does not have $1:$2 after the push" >&2
    return 1
  fi
  echo "$digest"
}

# fit_tag TEXT: print the text as a valid tag
fit_tag() {
  local tag="${1//[^A-Za-z0-9_.-]/-}"
  tag="${tag#"${tag%%[A-Za-z0-9_]*}"}"
  if [[ -z "$tag" ]]; then
    echo "'$1' cannot be converted to an image tag" >&2
    return 1
  fi
  echo "${tag:0:128}"
}

# add_tag REPOSITORY DIGEST TAG: add a tag to the image
add_tag() {
  local digest
  digest=$(digest_of "$1" "$3")
  if [[ "$digest" != "$2" ]]; then
    docker tag "$1:$IMAGE_TAG" "$1:$3"
    docker push "$1:$3"
  fi
}

# json_text TEXT: print the text as a JSON string
json_text() {
  local text="${1//\\/\\\\}"
  text="${text//\"/\\\"}"
  text="${text//$'\n'/\\n}"
  printf '"%s"' "${text//$'\t'/\\t}"
}
