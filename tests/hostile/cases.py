"""The table of hostile hand-ins, and what must come of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tests.checks.handins import BASE, handin, method

from . import folders
from .watch import Watch

HANDINS = Path(__file__).parent / "handins"

FULL = Decimal("Infinity")
"""All points that the rubric has."""
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Case:
    """One hostile hand-in: `handins/<name>.py` and what stands behind it, or a folder built by a function."""

    name: str
    rest: str = BASE
    """What follows the attack; empty where the attack is a whole hand-in."""
    earns: Decimal = FULL
    """`FULL` means exactly all points: whatever was tried failed, and grading went on. Else: at most this."""
    says: str = ""
    """A pattern for the message of the first check that did not pass."""
    or_held: bool = False
    """Whether full points, without a message, are right as well."""
    build: Callable[[Path, Watch], None] | None = None
    harmless: bool = False
    """Whether it can be run without a sandbox."""
    written: bool = False
    """Whether its derivations are graded, and nothing else."""
    cpu: float = 10
    wall: float = 30

    def source(self) -> str:
        """The text of `mlp.py`."""
        attack = (HANDINS / f"{self.name}.py").read_text()
        return attack + "\n\n" + self.rest if self.rest else attack


AT_IMPORT = "attack()\n"
IN_LOSS = handin(method("loss", "attack()"))
"""A right solution whose loss first calls the attack."""
RAISE = method("loss", "raise NotImplementedError")
HARVESTS = handin(method("loss", "return stolen(X, y, reg)"), method("train", "harvest(self, X, y)"))
ASKS = handin(RAISE, method("train", "attack(self, X, y)"))
"""A solution whose train first calls the attack; its predict is right."""
OF_PREDICT, OF_TRAINING = Decimal("1"), Decimal("4")
"""What right code of predict, and of train and predict, earns with a right loss supplied: an attack in the hand-in's
own loss is not run there."""
FICKLE = handin(("self.params = {}", "self.params = Fickle()"))
LARGE = handin(("return loss, grads", "return loss, grads, np.ones(30 << 20)"))
WRONG = handin(
    ("        loss = data_loss + penalty\n", "        loss = data_loss + penalty + 0.5\n"),
    ("dW1 = X.T.dot(d_z) + reg * W1", "dW1 = X.T.dot(d_h) + 2 * reg * W1"),
    ("np.argmax(scores, axis=1)", "np.argmin(scores, axis=1)"),
)
"""A solution with a wrong loss, a wrong gradient and a wrong prediction."""
OF_WRONG = Decimal("-1")
"""The points of `WRONG`, measured when the suite starts: no lie may add to them."""

COMPUTING = r"stopped after 1 seconds of computing"
WAITING = r"No answer within 1\.5 seconds"
CONNECTION = r"broke the connection to the grader|ended the Python process \(exit status 1\)"
ENDED = r"ended the Python process \(exit status 0\)"


def held(*names: str) -> tuple[Case, ...]:
    """Attacks that fail, every attempt of them, in front of a right solution that loses nothing."""
    return tuple(Case(name) for name in names)


def ends(name: str, says: str, rest: str = "", or_held: bool = False) -> Case:
    """An attack that takes its own process down, and its points with it."""
    return Case(name, rest, _earned(rest), says, or_held, harmless=True)


def loops(name: str, rest: str = "") -> Case:
    """An attack that never ends by itself."""
    return Case(name, rest, NOTHING, COMPUTING, harmless=True, cpu=1)


def waits(name: str, rest: str = "") -> Case:
    """An attack that never ends, and uses no time either: a person has to look."""
    return Case(name, rest, NOTHING, WAITING, harmless=True, wall=1.5)


def frames(name: str, rest: str = AT_IMPORT, says: str = CONNECTION) -> Case:
    """An attack on the connection to the grader, where it is imported or each time the loss is asked for."""
    return Case(name, rest, _earned(rest), says, harmless=True)


def _earned(rest: str) -> Decimal:
    """What an attack earns that ends its process where it is imported, or where the loss is asked for."""
    return OF_TRAINING if rest == IN_LOSS else NOTHING


def lies(name: str, rest: str = WRONG) -> Case:
    """An attack that flatters a wrong solution."""
    return Case(name, rest, OF_WRONG if rest == WRONG else NOTHING, r".", harmless=True)


def folder(build: Callable[[Path, Watch], None], says: str = "") -> Case:
    """A folder with odd things in it; full points where nothing has to be said."""
    return Case(build.__name__, earns=NOTHING if says else FULL, says=says, build=build, harmless=True)


CASES: tuple[Case, ...] = (
    # Slow ones first, so that they run side by side.
    waits("waits"),
    waits("stops_itself"),
    waits("frame_slow", AT_IMPORT),
    loops("loop_sigterm"),
    loops("loop_handlers"),
    loops("loop_threads"),
    loops("loop_in_c"),
    loops("flood_every_pipe", AT_IMPORT),
    Case("signal_handlers", harmless=True),
    *held("fork_bomb", "raw_fork", "fork_memory", "daemon", "exec_true", "thread_flood"),
    *held("memory_heap", "memory_outside", "memory_buffers", "file_locks"),
    Case("memory_shared", cpu=6),
    ends("os_exit", ENDED),
    ends("sys_exit", r"ends the program in mlp\.py, line 5"),
    ends("raise_system_exit", r"ends the program|raised an exception of your own"),
    ends("abort", r"crashed \(SIGABRT\)"),
    Case("kills_itself"),
    Case("exit_looks_killed", earns=NOTHING, says=r"past the interpreter"),
    ends("segfault", r"crashed \(SIGSEGV\)"),
    ends("recursion", r"crashed \(SIGSEGV\)|RecursionError|more memory"),
    ends("exit_in_loss", ENDED, IN_LOSS),
    *held("read_system", "read_grader", "read_package", "search", "gc_objects", "environment", "descriptors"),
    *held("network", "grader_signals", "grader_memory"),
    *held("disk_fill", "inode_flood", "deep_folders", "sparse_file", "stdout_flood", "write_elsewhere"),
    *held("kernel", "namespaces", "privileges"),
    Case("int80", earns=NOTHING, says=r"crashed \(SIG(SYS|SEGV)\)|ended by signal", or_held=True),
    frames("frame_forged", IN_LOSS),
    frames("frame_twice", IN_LOSS, r"loss\(X, y, reg\) returned None"),
    frames("frame_garbage", IN_LOSS),
    frames("frame_not_json"),
    frames("frame_nested"),
    frames("frame_long_header"),
    frames("frame_claims"),
    frames("frame_dtypes"),
    frames("frame_pickle"),
    frames("frame_large"),
    frames("frame_descriptors"),
    frames("close_descriptors", IN_LOSS),
    frames("replace_descriptors"),
    frames("stdout_is_the_socket", IN_LOSS),
    lies("lying_numpy"),
    lies("lying_random"),
    lies("lying_dot"),
    lies("lying_worker"),
    lies("lying_numbers", ""),
    lies("lying_objects", ""),
    # Half a point for each toy loss, half a point for one training: what the handout prints can be typed in.
    Case("memorised_toy", "", Decimal("1.5"), r"wrong scores on 5 of 5", harmless=True),
    # Which of predict, histories, epoch and untouched see zeros depends on how often they read before.
    Case("params_change", FICKLE, Decimal("1.75"), r"loss on the toy data", harmless=True),
    Case("huge_answers", "", NOTHING, r"params has no entry", harmless=True),
    # The scores are right, and so are train and predict with a loss that answers.
    Case("large_third_value", LARGE, Decimal("8"), r"larger than the grader reads", harmless=True),
    Case("oracle_harvest", HARVESTS, OF_TRAINING, r"raises NotImplementedError", harmless=True),
    Case("oracle_flood", ASKS, OF_PREDICT, r"raises NotImplementedError", harmless=True),
    Case("oracle_questions", ASKS, OF_TRAINING, r"raises NotImplementedError", harmless=True),
    Case("oracle_frames", ASKS, OF_PREDICT, r"raises NotImplementedError", harmless=True),
    frames("oracle_forged", IN_LOSS),
    ends("terminal_escapes", r"^Your code raised"),
    folder(folders.absolute_link, r"symbolic link"),
    folder(folders.sibling_link, r"symbolic link"),
    folder(folders.answer_link, r"imports helper"),
    folder(folders.folder_link),
    folder(folders.loop_link, r"symbolic link"),
    folder(folders.pipe, r"not a plain file"),
    folder(folders.pipe_beside),
    folder(folders.device, r"not a plain file"),
    folder(folders.hard_link, r"hard link to a file of another owner"),
    folder(folders.folder_as_module, r"neither a module nor a notebook was found"),
    folder(folders.sparse_module, r"10,737,418,240 bytes"),
    folder(folders.sparse_beside),
    folder(folders.many_files, r"more than 10,000 files"),
    folder(folders.odd_names),
    folder(folders.zip_bomb, r"was left out: it has more than"),
    folder(folders.shadows),
    folder(folders.deep_source, r"not valid Python"),
    folder(folders.deep_sums, r"."),
    folder(folders.odd_encodings, r"not valid Python"),
    folder(folders.hostile_notebook),
    folder(folders.large_notebook),
)
