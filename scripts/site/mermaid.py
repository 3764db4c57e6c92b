"""Hook of MkDocs: adds Mermaid, which draws the diagrams, to the site. `scripts/docs` brings it."""

from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[2]


def on_files(files, config):
    package = (ROOT / "requirements" / "mermaid.txt").read_text().split()[0]
    script = ROOT / ".venv-docs" / package / "package" / "dist" / "mermaid.min.js"
    files.append(File.generated(config, "assets/mermaid.min.js", abs_src_path=str(script)))
    return files
