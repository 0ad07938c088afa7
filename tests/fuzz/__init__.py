"""What any bytes may do to whatever reads foreign text: give a value or an error for people, soon, and nothing else.

- `targets.py` and the modules it names: one function per reader, from bytes to nothing.
- `corpus/<target>/`: what it was fed when it learnt something; every find becomes a file there.
- `test_corpora.py` feeds all of it again, and a little more that is made up from it by chance.
- `python -m tests.fuzz` (`make fuzz`) lets atheris look for more.

To add a target, write a function under `@target("name")`, and put a file or two of good input into its corpus.
"""
