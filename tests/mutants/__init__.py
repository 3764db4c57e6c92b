"""Correct definitions, each with one mistake that breaks it in production: which of them `pipegen validate` finds.

`definitions/` has the correct ones, written as teams write them: no finding at all is right about them. A mutant is one
of them with a single change. The mutants of `generated.py` are made from the models: for each field a value outside
its constraints, of another type, near a choice; each reference misspelled; each required key removed. The files beside
this one have those that somebody thought of, a family each:

    title: Names that do not match
    mutants:
      artifact-directory:                          # what the mistake is; unique in its family
        base: checked_rules                        # a file or directory of definitions/, without its suffix
        set:
          pipeline.stages[Publish].actions[Upload].commands[1]: cp "$CODEBUILD_SRC_DIR_Site/robots.txt" robots.txt
        says: [CODEBUILD_SRC_DIR_Site]

| key | what it says |
|---|---|
| `set` | values by path: keys with dots between them, items of lists in brackets by name or index; one more appends |
| `remove` | paths that are removed, before others are set |
| `replace` | for Python, or for the text itself: the one place with this text gets the other |
| `file` | the file of a fleet that is changed |
| `at` | paths where the finding may be; default: what is set, the owner of what is removed. `FILE#PATH` in a fleet |
| `says` | what the finding must contain; default: the name of the field and its value |
| `hides` | what no finding may contain |
| `severity` | `error` if a warning is not enough |

Definitions are validated with every key and item on a line of its own, so that a line is one value. A mutant is caught
if one finding, an error or a warning, is at the right line and says what it must. `known.yaml` lists the others with
the reason; one that is caught must leave it. `python -m tests.mutants` prints the table, and with the name of a family
or mutant what is found about each.
"""
