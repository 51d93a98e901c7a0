"""What the name of a file, a folder or an archive says: a student's, an export's, or nothing."""

from __future__ import annotations

import re

_OF_FILES = frozenset(
    """
    a abgabe answer answers archive archives asset assets assignment attempt aufgabe aufgaben back backup base
    baseline best bin bis build cache checkpoint checkpoints class code colab collected common config conftest
    copia copie copy correct corrected data dataset dateien dependencies derivation derivations digits dist doc
    docs document documents draft eingang env eval ex exercise experiment experiments exported external extra
    extras fig figs figure figures file files fin final finished fixed gradient gradients handin handout helper
    helpers homework hw image images img in inbox include includes incoming init input inputs jupyter kopie lab
    latest latex layers lib libs loesung log logs loss lösung main math media misc mlp mnist model models module
    modules mynet nb net network networks neural new nn node notebook notebooks numpy of old ordner original out
    output outputs package packages params part party pdf pdfs perceptron pics pictures pkg plot plots previous
    problem problems project ps pset pycache python q question received report requirements res resource resources
    result results rev screenshot screenshots script scripts set setup sheet solution solutions source sources src
    static stuff submission submit task temp template test testing tests tex theory third tmp tool tools toy train
    training try turnin ue uebung untitled update updated util utils v vendor venv ver version week weights
    working written x y z zip übung
    batchnorm classifier classifiers cnn connected conv convnet convolution convolutional dropout feature features fully
    gan kmeans knn layer linear logistic lstm neighbor normalization optimization pca pytorch regression rnn softmax svm
    tensorflow three two vis visualization
    """.split()  # noqa: SIM905 -- easier to read than as many quoted words
)
"""What files of one hand-in are told apart by."""
_OF_EXPORTS = frozenset(
    """
    abgaben canvas class classes classroom course courses download downloads export exports gradescope handins kurs
    moodle students submissions
    """.split()  # noqa: SIM905
)
_OF_COURSES = frozenset(
    """
    all assignments autumn cs deep dl exam fall handin intro introduction learning machine ml one semester spring ss
    summer term to winter ws year
    """.split()  # noqa: SIM905
)
_WORD = re.compile(r"[^\W\d_]+|(?<!\d)(?!(?:19|20)\d{6}(?!\d))\d{5,}")
"""A word, or a number that is long enough to be a student's and is no date."""
_OF_HAND_INS = re.compile(r"submission_\d+|.+_\d+_assignsubmission_(file|onlinetext)_?", re.DOTALL | re.ASCII)
"""How Gradescope and Moodle call the folder of one hand-in."""
_OF_MOODLE = re.compile(r".+-.+-\d+", re.DOTALL | re.ASCII)
"""How Moodle calls its download: course, assignment, number."""


def all_words(name: str) -> list[str]:
    """All words of a name."""
    return _WORD.findall(name)


def telling_words(name: str) -> list[str]:
    """The words of a file's name that may be a student's name or number."""
    return [word for word in all_words(name) if word.casefold() not in _OF_FILES]


def says_export(name: str) -> bool:
    """Whether a folder or an archive is named as the hand-ins of many are."""
    return _OF_MOODLE.fullmatch(name) is not None or any(w.casefold() in _OF_EXPORTS for w in all_words(name))


def says_one_student(name: str) -> bool:
    """Whether a folder or an archive is named after a student, or as a course system names one hand-in."""
    if _OF_HAND_INS.fullmatch(name):
        return True
    names = [word for word in telling_words(name) if word.casefold() not in _OF_COURSES and len(word) > 1]
    return bool(names) and not says_export(name)
