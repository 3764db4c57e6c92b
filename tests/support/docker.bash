# What `docker` is in a build: podman, where docker and podman differ. The runner puts in front of this what it is told:
# engine (a directory), host (of the registry), cache_repository.
set -euo pipefail
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# Words are counted and end in NUL, so that reading them back undoes no quoting.
printf '%d\0' "$#" >> "$engine/commands"
(( $# == 0 )) || printf '%s\0' "$@" >> "$engine/commands"

export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs TMPDIR="$engine/tmp" REGISTRY_AUTH_FILE="$engine/auth.json"
export CONTAINERS_CONF="$engine/containers.conf" CONTAINERS_REGISTRIES_CONF="$engine/registries.conf"
podman=(podman --storage-driver vfs --root "$engine/images" --tmpdir "$engine/tmp")
podman+=(--runroot /var/lib/containers)  # the build's own here; podman allows fifty characters

refuse() { echo "docker stand-in: $1" >&2; exit 125; }

repository_of() {
  [[ $1 == "$host"/* ]] || refuse "there is no registry for $1"
  local path="${1#"$host"/}"
  echo "${path%:*}"
}

tag_of() { if [[ $1 == *:* ]]; then echo "${1##*:}"; else echo latest; fi; }

# The place that a --cache-from or --cache-to names; nothing for type=inline, whose place is the image's own.
place_of() {
  local field fields
  case "$1" in
    *type=registry*) IFS=, read -ra fields <<< "$1" ;;
    *type=inline*) return ;;
    *type=*) refuse "there is no cache of the kind $1" ;;
    *) fields=("ref=$1") ;;
  esac
  for field in "${fields[@]}"; do if [[ $field == ref=* ]]; then echo "${field#ref=}"; fi; done
}

# Asks for the list, as a pull would leave the image behind under a name that docker does not give it.
is_pushed() {
  "${podman[@]}" search --list-tags --limit 10000 "$host/$(repository_of "$1")" 2> /dev/null |
    awk -v tag="$(tag_of "$1")" '$2 == tag { found = 1 } END { exit !found }'
}

push_image() { "${podman[@]}" push --quiet --format v2s2 --digestfile "$engine/digest" "$1" "docker://$2"; }

# podman prints no digest; docker prints one, and with --quiet the image's name.
push() {
  local word quiet=no reference=
  for word; do
    case "$word" in
      -q | --quiet) quiet=yes ;;
      -*) refuse "push does not know $word" ;;
      *) reference=$word ;;
    esac
  done
  [[ $quiet == yes ]] || echo "The push refers to repository [${reference%:*}]"
  push_image "$reference" "$reference"
  [[ $quiet == yes ]] || reference="$(tag_of "$reference"): digest: $(< "$engine/digest")"
  echo "$reference"
}

# podman keeps its layer cache as a repository full of hashes, docker as one manifest or within the image, with
# which it is tagged and pushed elsewhere. So all hashes go to one repository aside, and are looked at only if an
# image is where docker would look.
cache_options() {
  local source target place
  for source in "${sources[@]}"; do
    place=$(place_of "$source")
    if is_pushed "$place"; then
      cache=(--cache-from "$host/$cache_repository")
    else
      echo "importing cache manifest from $place: not found" >&2  # docker goes on, too
    fi
  done
  for target in "${targets[@]}"; do
    place=$(place_of "$target")
    if [[ -n $place && ! -e $engine/builder ]]; then
      echo "ERROR: Cache export is not supported for the docker driver." >&2
      exit 1
    fi
  done
  (( ${#targets[@]} == 0 )) || cache+=(--cache-to "$host/$cache_repository")
  # podman 4.3 knows a step by its text, so it would take `LABEL v=$V` from an earlier build with another V.
  [[ ! -e $engine/built || ( -z $arguments && ! -e $engine/arguments ) ]] || cache=(--no-cache)
}

build() {
  local sources=() targets=() names=() others=() cache=() arguments='' push='' load=$1 id_file='' id word
  shift
  while (( $# )); do
    case "$1" in
      --cache-from=* | --cache-to=* | --progress=* | --provenance=* | --sbom=* | --builder=* | --tag=* | \
        --iidfile=* | --build-arg=*) set -- "${1%%=*}" "${1#*=}" "${@:2}"; continue ;;
      --cache-from) sources+=("$2"); shift ;;
      --cache-to) targets+=("$2"); shift ;;
      --progress | --provenance | --sbom | --builder) shift ;;  # podman has one progress and no attestations
      --load) load=yes ;;
      --push) push=yes ;;
      -t | --tag) names+=("$2"); shift ;;
      --iidfile) id_file=$2; shift ;;
      --build-arg)
        if [[ $2 == BUILDKIT_INLINE_CACHE=1 ]]; then targets+=(type=inline)  # docker's older word for it
        else arguments=yes; others+=("$1" "$2"); fi
        shift ;;
      *) others+=("$1") ;;
    esac
    shift
  done
  cache_options
  local tags=()
  if [[ -n $load ]]; then for word in "${names[@]}"; do tags+=(--tag "$word"); done; fi
  # ECR's images are of docker's format if docker pushed them; podman's default is OCI.
  "${podman[@]}" build "${cache[@]}" --format docker --iidfile "$engine/id" "${tags[@]}" "${others[@]}"
  touch "$engine/built" ${arguments:+"$engine/arguments"}
  [[ -z $id_file ]] || cp "$engine/id" "$id_file"
  id=$(< "$engine/id")
  if [[ -n $push ]]; then for word in "${names[@]}"; do push_image "$id" "$word"; done; fi
  # The image stands in for docker's cache manifest, so that its tag is there and an immutable one stays.
  for word in "${targets[@]}"; do
    [[ $word == *type=inline* ]] || push_image "$id" "$(place_of "$word")" ||
      [[ $word == *ignore-error=true* ]]
  done
}

case "${1-} ${2-} " in
  # A builder made by hand keeps what it builds to itself, unless told to --load or --push.
  "buildx build "* | "buildx b "*) shift 2; build "$([[ -e $engine/builder ]] || echo yes)" "$@" ;;
  "buildx create "* | "buildx use "*) touch "$engine/builder" ;;
  "buildx "*) ;;
  "image build "* | "builder build "*) shift 2; build yes "$@" ;;
  "build "*) shift; build yes "$@" ;;
  "image push "*) shift 2; push "$@" ;;
  "push "*) shift; push "$@" ;;
  *)
    # podman keeps the digest of the uncompressed image there, which no registry ever sees.
    [[ "$*" != *RepoDigests* ]] || refuse "RepoDigests would not be the registry's; ask ECR for the digest"
    exec "${podman[@]}" "$@" ;;
esac
