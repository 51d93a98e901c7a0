"""What goes wrong in softmax classifiers; what has the same lines as in the two-layer network is that one's."""

from grader.api import mistake

from ..two_layer_net.mistakes import BACKWARD, LOSS

SHARED = ("loss-summed", "minus-left-out", "softmax-over-batch", "softmax-over-everything", "log-to-base-10",
          "one-not-taken-away", "one-added", "one-taken-from-all-rows", "gradient-not-averaged",
          "gradient-averaged-twice", "gradient-sign")  # fmt: skip

MISTAKES = [
    *(one for one in (*LOSS, *BACKWARD) if one.name in SHARED),
    mistake("not-shifted", "exp of large scores overflows, as nothing is taken from them before.",
            {"np.exp(scores - scores.max(axis=1, keepdims=True))": "np.exp(scores)"}, questions=("Q1",)),
    mistake("shifted-by-smallest", "The smallest score is taken away; the largest has to be.",
            {"scores.max(axis=1": "scores.min(axis=1"}, questions=("Q1",)),
    mistake("penalty-doubled", "The penalty is not halved.", {"0.5 * reg *": "reg *"}, questions=("Q2",)),
    mistake("no-penalty", "The loss has no penalty.", {" + 0.5 * reg * (W * W).sum()": ""}, questions=("Q2",)),
    mistake("penalty-gradient-left-out", "The gradient lacks the penalty's part.", {" + reg * W": ""}, questions=("Q3",)),
    mistake("penalty-gradient-doubled", "The penalty's part of the gradient is twice what it should be.",
            {" + reg * W": " + 2 * reg * W"}, questions=("Q3",)),
    mistake("scores-changed", "softmax changes the scores that it is given.",
            {"odds = np.exp(scores - scores.max(axis=1, keepdims=True))":
             "scores -= scores.max(axis=1, keepdims=True); odds = np.exp(scores)"}, questions=("Q3",)),
    mistake("lowest-score", "predict takes the lowest score.", {"np.argmax": "np.argmin"}, questions=("Q4",)),
    mistake("wrong-axis", "predict takes the highest score over the batch, not over the classes.",
            {"X.dot(W), axis=1)": "X.dot(W), axis=0)"}, questions=("Q4",)),
]  # fmt: skip
