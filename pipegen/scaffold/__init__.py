"""Files that `pipegen init` writes beside a definition: hooks and workflows that check it."""
