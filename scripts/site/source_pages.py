"""Hook of MkDocs: adds a page for every file of the repository that a page links to, such as an example.

On GitHub a link like `../examples/rolling.yaml` shows the file. The site has no such file, so it gets a page with the
file's text, and the link leads there.
"""

import re
from pathlib import Path
from posixpath import dirname, join, normpath, relpath

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[2]
UNDER = "source/"
LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)(?P<path>[^)\s#]+)(?P<anchor>#[^)\s]*)?(?=\))")
LANGUAGES = {".py": "python", ".yaml": "yaml", ".toml": "toml", ".json": "json", ".sh": "sh"}
HEAD = "---\nsearch:\n  exclude: true\n---\n"


def on_files(files, config):
    waiting = list(files.documentation_pages())
    while waiting:
        page = waiting.pop()
        for path in map(Path, outside(page.content_string, page.src_uri)):
            if files.get_file_from_path(page_of(path)) is None:
                added = File.generated(config, page_of(path), content=content(path))
                files.append(added)
                waiting.append(added)
    return files


def on_page_markdown(markdown, page, config, files):
    def target(link):
        path = repository_path(link["path"], page.file.src_uri)
        uri = path.removeprefix("docs/") if path.startswith("docs/") else page_of(Path(path))
        return relpath(uri, dirname(page.file.src_uri)) + (link["anchor"] or "")

    return LINK.sub(target, markdown)


def outside(markdown, uri):
    """The files outside of docs/ that a page links to."""
    paths = (repository_path(link["path"], uri) for link in LINK.finditer(markdown))
    return [path for path in paths if not path.startswith("docs/") and (ROOT / path).exists()]


def repository_path(link, uri):
    """Where a link leads, seen from the root of the repository."""
    page = uri.removeprefix(UNDER) if uri.startswith(UNDER) else f"docs/{uri}"
    return normpath(join(dirname(page), link))


def page_of(path):
    return f"{UNDER}{path}" if path.suffix == ".md" else f"{UNDER}{path}.md"


def listed(directory):
    return sorted(each for each in directory.iterdir() if not each.name.startswith(("__", ".")))


def content(path):
    if (ROOT / path).is_dir():
        lines = [f"- [{each.name}]({path.name}/{each.name})" for each in listed(ROOT / path)]
        return "\n".join([f"{HEAD}# {path}\n", *lines]) + "\n"
    text = (ROOT / path).read_text()
    if path.suffix == ".md":
        return HEAD + text
    return f"{HEAD}# {path}\n\n~~~~ {{.{LANGUAGES.get(path.suffix, 'text')}}}\n{text}~~~~\n"
