"""The style of one student: habits, names, comments and layout, each drawn for that student alone."""

from __future__ import annotations

import ast
import copy
import keyword
import random
import re

_KEPT = frozenset(
    """
    np self X y X_val y_val reg verbose learning_rate learning_rate_decay num_epochs batch_size input_size hidden_size
    output_size std activation W1 W2 b1 b2 TwoLayerMLP loss train predict params
    """.split()  # noqa: SIM905
)
"""What the assignment calls so."""
_PARTS = """
    hidden layer out grad score prob delta err batch acc hist iter step num row exps norm cost idx perm ep lr cur tmp
    val mask reg act pre post logits shifted total mean n m k s t z h a p d g
    """.split()  # noqa: SIM905
_VERBS = "compute get take update apply find store normalise sum average keep run".split()  # noqa: SIM905
_THINGS = (  # noqa: SIM905
    "the scores|the loss|the gradient|the hidden layer|the probabilities|the mini-batch|the weights|the bias terms|"
    "the accuracy|the history|exponentials|the mask|the regularisation term|the labels|the update|backprop"
).split("|")
_MORE = (  # noqa: SIM905
    "|here|now|first|for this batch|over all examples|per class|with numpy|vectorised|see lecture|(N, C)|"
    "stable version|as in the notes|again|like in class|to avoid overflow|for every row"
).split("|")


class Style(ast.NodeTransformer):
    """Writes a program anew: the same in every place that can be written in one way only."""

    def __init__(self, rng: random.Random) -> None:
        self._seed = rng.getrandbits(64)
        self._rng = random.Random(self._seed)
        self._habits: dict[str, float] = {}
        self._new = 0
        self.comments = rng.choice((0.0, 0.1, 0.25, 0.5))
        self.indent = rng.choice((2, 4, 4, 4))
        self._camel, self._short = rng.random() < 0.15, rng.random() < 0.4

    def applied(self, tree: ast.Module) -> ast.Module:
        """The program in this style; the same each time."""
        self._rng, self._habits, self._new = random.Random(self._seed), {}, 0
        changed: ast.Module = self.visit(copy.deepcopy(tree))
        return ast.fix_missing_locations(changed)

    def _does(self, what: str, often: float = 0.5) -> bool:
        """Whether it is done here: students mostly do what they usually do."""
        usual = self._habits.setdefault(what, float(self._rng.random() < often))
        return self._rng.random() < (0.85 if usual else 0.1)

    # ---- expressions ----

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr="dot"), args=[a, b]):
                return self._product(a, b)
            case ast.Call(func=ast.Attribute(value=a, attr="dot"), args=[b]):
                return self._product(a, b)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="np"), attr="sum" | "mean" | "max" as name),
                args=[a, *rest],
            ):
                if self._does("methods") and not isinstance(a, ast.Constant):
                    return ast.Call(ast.Attribute(a, name, ast.Load()), rest, node.keywords)
            case ast.Call(
                func=ast.Attribute(value=a, attr="sum" | "mean" | "max" as name), args=rest
            ) if not (isinstance(a, ast.Name) and a.id == "np"):
                if not self._does("methods"):
                    return ast.Call(_np(name), [a, *rest], node.keywords)
            case ast.Call(func=ast.Attribute(attr="maximum"), args=[a, b]) if self._does(
                "swapped maximum", 0.3
            ):
                return ast.Call(node.func, [b, a], node.keywords)
        return node

    def _product(self, a: ast.expr, b: ast.expr) -> ast.expr:
        if self._does("at"):
            return ast.BinOp(a, ast.MatMult(), b)
        if self._does("np.dot"):
            return ast.Call(_np("matmul" if self._does("matmul", 0.25) else "dot"), [a, b], [])
        return ast.Call(ast.Attribute(a, "dot", ast.Load()), [b], [])

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.BinOp(left=a, op=ast.MatMult(), right=b):
                return self._product(a, b)
            case ast.BinOp(left=a, op=ast.Pow(), right=ast.Constant(value=2)):
                if isinstance(a, ast.Name) and self._does("x * x"):
                    return ast.BinOp(a, ast.Mult(), a)
                return ast.Call(_np("square"), [a], []) if self._does("square", 0.3) else node
            case ast.BinOp(left=a, op=ast.Add() | ast.Mult() as op, right=b):
                if not isinstance(a, ast.Constant) and self._does("swapped", 0.3):
                    return ast.BinOp(b, op, a)
            case ast.BinOp(left=a, op=ast.Div(), right=ast.Name() as b) if self._does("times 1 / n", 0.25):
                return ast.BinOp(a, ast.Mult(), ast.BinOp(ast.Constant(1.0), ast.Div(), b))
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        turned = {ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.GtE: ast.LtE, ast.LtE: ast.GtE, ast.Eq: ast.Eq}
        if len(node.ops) == 1 and type(node.ops[0]) in turned and self._does("turned", 0.2):
            return ast.Compare(node.comparators[0], [turned[type(node.ops[0])]()], [node.left])
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        self.generic_visit(node)
        keys = [one.value for one in node.keys if isinstance(one, ast.Constant)]
        if (
            len(keys) == len(node.keys)
            and all(str(k).isidentifier() for k in keys)
            and self._does("dict()", 0.25)
        ):
            pairs = zip(keys, node.values, strict=True)
            return ast.Call(ast.Name("dict", ast.Load()), [], [ast.keyword(str(k), v) for k, v in pairs])
        return node

    # ---- statements ----

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if self._does(
                "one by one"
            ) and len(names) == len(values):
                return [ast.Assign([a], b) for a, b in zip(names, values, strict=True)]
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.BinOp(left=ast.Name(id=same), op=op, right=b)
            ):
                if name == same and self._does("in place"):
                    return ast.AugAssign(ast.Name(name, ast.Store()), op, b)
        return self._in_steps(node)

    def _in_steps(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        """A part of what is assigned gets a name of its own."""
        value = node.value
        if (
            isinstance(value, ast.BinOp)
            and not isinstance(value.left, ast.Name | ast.Constant)
            and self._does("steps", 0.35)
        ):
            name = f"tmp_{self._new}"
            self._new += 1
            first = ast.Assign([ast.Name(name, ast.Store())], value.left)
            value.left = ast.Name(name, ast.Load())
            return [first, node]
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.target, ast.Name) and not self._does("in place"):
            return ast.Assign(
                [node.target], ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
            )
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.If(test=ast.Compare(ops=[ast.Eq()], left=a, comparators=[b]), orelse=[_, *_]):
                if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                    return node
                if self._does("else first", 0.2):
                    return ast.If(ast.Compare(a, [ast.NotEq()], [b]), node.orelse, node.body)
        return node

    # ---- names ----

    def renamed(self, tree: ast.Module) -> ast.Module:
        """Names that are the student's to choose, as this student would."""
        rng = random.Random(self._seed + 1)
        stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        taken = {n.arg for one in tree.body if isinstance(one, ast.FunctionDef) for n in one.args.args}
        new: dict[str, str] = {}
        for name in sorted((stored | taken) - _KEPT):
            while (made := self._name(rng)) in new.values() or keyword.iskeyword(made):
                pass
            new[name] = made
        tree = copy.deepcopy(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                node.id = new.get(node.id, node.id)
            elif isinstance(node, ast.FunctionDef) and node in tree.body:
                for one in node.args.args:
                    one.arg = new.get(one.arg, one.arg)
        return tree

    def _name(self, rng: random.Random) -> str:
        parts = rng.sample(_PARTS, 1 if self._short and rng.random() < 0.5 else 2)
        joined = parts[0] + "".join(p.title() for p in parts[1:]) if self._camel else "_".join(parts)
        return joined + rng.choice(("", "", "", "1", "2", "s"))


def _np(name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())


def dressed(tree: ast.Module, style: Style, rng: random.Random, reformat: bool = False) -> str:
    """The source with comments and blank lines; with `reformat` broken into lines in other places."""
    lines = []
    for line in ast.unparse(ast.fix_missing_locations(tree)).splitlines():
        body = line.lstrip()
        pad = " " * ((len(line) - len(body)) // 4 * style.indent)
        if body and rng.random() < style.comments * 0.5 and not body.startswith(("elif", "else")):
            said = " ".join(filter(None, (rng.choice(_VERBS), rng.choice(_THINGS), rng.choice(_MORE))))
            lines.append(f"{pad}# {said.capitalize() if rng.random() < 0.4 else said}")
        if rng.random() < 0.08 and not body.startswith(("elif", "else")):
            lines.append("")
        lines.append(pad + (_broken(body, pad) if reformat else body))
    return "\n".join(lines) + "\n"


def _broken(body: str, pad: str) -> str:
    """Other quotes, and each item of what is in brackets in a line of its own."""
    if '"' not in body:
        body = body.replace("'", '"')
    if body.startswith("#") or '"' in body:
        return body
    return re.sub(r", (?=[^()]*\))", f",\n{pad}        ", body)
