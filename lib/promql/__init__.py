"""PromQL itself, to the letter of Prometheus 2.42: tokens, grammar, and where and in which words a query goes wrong.

`recognise` reads a text and `tree_of` makes its tree; both raise `SyntaxFault`. Neither network nor data is needed, so
the editor can show a fault before anything is sent, and the built-in sample refuses in the same words.
"""

from lib.promql.errors import SyntaxFault, UnreadableError
from lib.promql.functions import FUNCTIONS
from lib.promql.parse import Recognised, recognise, tree_of
from lib.promql.positions import expression_type
from lib.promql.tokens import Kind, Token, scan

__all__ = [
    "FUNCTIONS",
    "Kind",
    "Recognised",
    "SyntaxFault",
    "Token",
    "UnreadableError",
    "expression_type",
    "recognise",
    "scan",
    "tree_of",
]
