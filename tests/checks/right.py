"""Right solutions, written as students write them rather than as the reference is: each earns every point."""

# ruff: noqa: E501 (the tables quote whole lines of code)

from __future__ import annotations

from .handins import BASE, Edit, handin, method

SIGMOID = "    e = np.exp(-np.abs(z))\n    return np.where(z >= 0, 1.0, e) / (1.0 + e)\n"
SCORES = "        scores = h.dot(W2) + b2\n"
SOFTMAX = """\
        scores = scores - scores.max(axis=1, keepdims=True)
        probs = np.exp(scores)
        probs = probs / probs.sum(axis=1, keepdims=True)
        data_loss = -np.log(probs[np.arange(N), y]).mean()
"""
D_SCORES = """\
        d_scores = probs.copy()
        d_scores[np.arange(N), y] -= 1
        d_scores = d_scores / N
"""
FORWARD = """\
        z = X.dot(W1) + b1
        if self.activation == 'sigmoid':
            h = sigmoid(z)
        elif self.activation == 'relu':
            h = np.maximum(z, 0)
        else:
            raise ValueError('Unknown activation type')
"""
BACKWARD = BASE[BASE.index("        dW2 = h.T") : BASE.index("        grads = {'W1'")]
GRADS = "        grads = {'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}\n"
UPDATE = "                    self.params[name] -= learning_rate * grads[name]\n"
RETURN = "        return loss, grads\n"
INIT = BASE[BASE.index("        self.params = {}\n") : BASE.index("    def loss")]
HISTORIES = BASE[BASE.index("        return {'loss_history'") : BASE.index("    def predict")]
TRAIN_HEAD = "X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,\n"
IDX = "idx = perm[i * batch_size:(i + 1) * batch_size]\n"

RIGHT: dict[str, list[Edit]] = {
    "as it is": [],
    "loops": [
        (
            FORWARD,
            """\
        z = np.zeros((N, W1.shape[1]))
        for n in range(N):
            for k in range(W1.shape[1]):
                z[n, k] = b1[k]
                for d in range(X.shape[1]):
                    z[n, k] += X[n, d] * W1[d, k]
        h = sigmoid(z) if self.activation == 'sigmoid' else z * (z > 0)
""",
        ),
        (
            BACKWARD,
            """\
        dW1, db1 = reg * W1, np.zeros_like(b1)
        dW2, db2 = reg * W2, np.zeros_like(b2)
        for n in range(N):
            d_h = np.zeros(len(b1))
            for c in range(len(b2)):
                db2[c] += d_scores[n, c]
                for k in range(len(b1)):
                    dW2[k, c] += h[n, k] * d_scores[n, c]
                    d_h[k] += W2[k, c] * d_scores[n, c]
            for k in range(len(b1)):
                slope = h[n, k] * (1 - h[n, k]) if self.activation == 'sigmoid' else float(z[n, k] > 0)
                db1[k] += d_h[k] * slope
                dW1[:, k] += X[n] * d_h[k] * slope
""",
        ),
    ],
    "loop over examples": [
        (
            D_SCORES,
            """\
        d_scores = np.zeros_like(probs)
        for n in range(N):
            d_scores[n] = probs[n]
            d_scores[n, y[n]] -= 1.0
        d_scores *= 1.0 / N
""",
        )
    ],
    "one-hot by eye": [
        (
            D_SCORES,
            "        one_hot = np.eye(scores.shape[1])[y]\n        d_scores = (probs - one_hot) / N\n",
        ),
        (
            "data_loss = -np.log(probs[np.arange(N), y]).mean()",
            "data_loss = -np.sum(np.eye(len(b2))[y] * np.log(probs)) / N",
        ),
    ],
    "softmax in place": [
        (
            SOFTMAX,
            """\
        scores -= np.max(scores, axis=1)[:, None]
        np.exp(scores, out=scores)
        scores /= np.sum(scores, axis=1)[:, None]
        probs = scores
        data_loss = -np.sum(np.log(probs[range(N), y])) / N
""",
        )
    ],
    "log-sum-exp": [
        (
            SOFTMAX,
            """\
        top = scores.max(axis=1, keepdims=True)
        log_sum = top + np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
        probs = np.exp(scores - log_sum)
        data_loss = np.mean(log_sum[:, 0] - scores[np.arange(N), y])
""",
        )
    ],
    "scipy": [
        (
            "import numpy as np\n",
            "import numpy as np\nfrom scipy.special import expit, log_softmax, softmax\n",
        ),
        (SIGMOID, "    return expit(z)\n"),
        (
            SOFTMAX,
            "        probs = softmax(scores, axis=1)\n"
            "        data_loss = -log_softmax(scores, axis=1)[np.arange(N), y].mean()\n",
        ),
    ],
    "unshifted softmax": [
        ("        scores = scores - scores.max(axis=1, keepdims=True)\n", ""),
        (SIGMOID, "    return 1 / (1 + np.exp(-z))\n"),
    ],
    "einsum": [
        ("        z = X.dot(W1) + b1\n", "        z = np.einsum('nd,dh->nh', X, W1) + b1\n"),
        (SCORES, "        scores = np.einsum('nh,hc->nc', h, W2) + b2\n"),
        ("dW1 = X.T.dot(d_z)", "dW1 = np.einsum('nd,nh->dh', X, d_z)"),
        ("db1 = d_z.sum(axis=0)", "db1 = np.einsum('nh->h', d_z)"),
    ],
    "sigmoid in two branches": [
        (
            SIGMOID,
            """\
    out = np.empty_like(z)
    positive = z >= 0
    out[positive] = 1.0 / (1.0 + np.exp(-z[positive]))
    grown = np.exp(z[~positive])
    out[~positive] = grown / (1.0 + grown)
    return out
""",
        )
    ],
    "sigmoid by tanh": [(SIGMOID, "    return 0.5 * (1.0 + np.tanh(0.5 * z))\n")],
    "sigmoid, clipped argument": [(SIGMOID, "    return 1.0 / (1.0 + np.exp(-np.clip(z, -500, 500)))\n")],
    "sigmoid by logaddexp": [(SIGMOID, "    return np.exp(-np.logaddexp(0, -z))\n")],
    "sigmoid as a vectorised scalar function": [
        ("import numpy as np\n", "import math\nimport numpy as np\n"),
        (SIGMOID, "    return np.vectorize(lambda t: 1 / (1 + math.exp(-max(t, -700.0))))(z)\n"),
    ],
    "column of ones for the bias": [
        (
            "        z = X.dot(W1) + b1\n",
            "        z = np.hstack([X, np.ones((N, 1))]).dot(np.vstack([W1, b1]))\n",
        )
    ],
    "transposed throughout": [
        ("        z = X.dot(W1) + b1\n", "        z = (W1.T @ X.T + b1.reshape(-1, 1)).T\n"),
        ("dW1 = X.T.dot(d_z)", "dW1 = (d_z.T @ X).T"),
        ("dW2 = h.T.dot(d_scores)", "dW2 = (d_scores.T @ h).T"),
    ],
    "cached forward": [
        (
            "        scores = h.dot(W2) + b2\n",
            "        self.cache = (X, z, h)\n        scores = h.dot(W2) + b2\n",
        ),
        ("        d_h = d_scores", "        X, z, h = self.cache\n        d_h = d_scores"),
    ],
    "forward method": [
        (
            "        scores = self.loss(X)\n        return np.argmax(scores, axis=1)\n",
            "        return np.argmax(self.forward(X), axis=-1)\n\n"
            "    def forward(self, X):\n"
            "        p = self.params\n"
            "        z = X @ p['W1'] + p['b1']\n"
            "        h = sigmoid(z) if self.activation == 'sigmoid' else np.maximum(0, z)\n"
            "        return h @ p['W2'] + p['b2']\n",
        ),
    ],
    "helper classes": [
        (
            "class TwoLayerMLP(object):\n",
            """\
class _Sigmoid:
    def forward(self, z):
        self.out = sigmoid(z)
        return self.out

    def backward(self, up):
        return up * self.out * (1 - self.out)


class _Relu:
    def forward(self, z):
        self.mask = z > 0
        return z * self.mask

    def backward(self, up):
        return up * self.mask


class TwoLayerMLP(object):
""",
        ),
        (
            FORWARD,
            "        layer = {'sigmoid': _Sigmoid, 'relu': _Relu}[self.activation]()\n"
            "        z = X.dot(W1) + b1\n        h = layer.forward(z)\n",
        ),
        (
            "        if self.activation == 'sigmoid':\n            d_z = d_h * h * (1 - h)\n"
            "        else:\n            d_z = d_h * (z > 0)\n",
            "        d_z = layer.backward(d_h)\n",
        ),
    ],
    "dataclass": [
        ("import numpy as np\n", "import dataclasses\nimport numpy as np\n"),
        (
            "class TwoLayerMLP(object):\n    def __init__(self, input_size, hidden_size, output_size, std=1e-4, "
            "activation='relu'):\n        self.activation = activation\n",
            """\
@dataclasses.dataclass
class TwoLayerMLP:
    input_size: int
    hidden_size: int
    num_classes: int
    std: float = 1e-4
    activation: str = 'relu'

    def __post_init__(self):
        input_size, hidden_size, output_size = self.input_size, self.hidden_size, self.num_classes
        std = self.std
""",
        ),
    ],
    "static methods": [
        (
            "    def loss(self",
            "    @staticmethod\n    def relu(z):\n        return (np.abs(z) + z) / 2\n\n    def loss(self",
        ),
        ("h = np.maximum(z, 0)", "h = self.relu(z)"),
    ],
    "third argument num_classes": [
        ("hidden_size, output_size, std", "hidden_size, num_classes, std"),
        ("randn(hidden_size, output_size)", "randn(hidden_size, num_classes)"),
        ("np.zeros(output_size)", "np.zeros(num_classes)"),
    ],
    "keyword-only extras": [
        ("y=None, reg=0.0):", "y=None, reg=0.0, *, return_probs=False, check=None):"),
        ("std=1e-4, activation='relu'):", "std=1e-4, activation='relu', *, seed=None, dtype=float):"),
        ("verbose=False):", "verbose=False, momentum=0.0, **unused):"),
    ],
    "Fortran order": [
        (
            GRADS,
            GRADS + "        grads = {k: np.asfortranarray(g) for k, g in grads.items()}\n",
        )
    ],
    "transposed views": [(GRADS, GRADS + "        grads['W1'] = np.array(dW1.T, order='C').T\n")],
    "gradients as matrices": [
        (GRADS, GRADS + "        grads = {k: np.matrix(g) for k, g in grads.items()}\n"),
        (
            UPDATE,
            "                    step = np.asarray(grads[name]).reshape(self.params[name].shape)\n"
            "                    self.params[name] -= learning_rate * step\n",
        ),
    ],
    "gradients as lists": [
        (GRADS, GRADS + "        grads = {k: g.tolist() for k, g in grads.items()}\n"),
        (UPDATE, UPDATE.replace("grads[name]", "np.array(grads[name])")),
    ],
    "bias gradients as rows": [
        ("db1 = d_z.sum(axis=0)", "db1 = d_z.sum(axis=0, keepdims=True)"),
        ("db2 = d_scores.sum(axis=0)", "db2 = d_scores.sum(axis=0, keepdims=True)"),
        (UPDATE, UPDATE.replace("grads[name]", "grads[name].reshape(self.params[name].shape)")),
    ],
    "bias gradients as columns": [
        ("db1 = d_z.sum(axis=0)", "db1 = d_z.T.dot(np.ones((N, 1)))"),
        (UPDATE, UPDATE.replace("grads[name]", "grads[name].reshape(self.params[name].shape)")),
    ],
    "gradients in another order, with extras": [
        (GRADS, "        grads = {'b2': db2, 'scores': d_scores, 'W2': dW2, 'b1': db1, 'W1': dW1, 'N': N}\n")
    ],
    "parameters in another order": [
        (
            INIT,
            """\
        self.params = dict(b2=np.zeros((output_size,)), b1=np.zeros((hidden_size,)))
        self.params['W2'] = np.random.normal(0, std, (hidden_size, output_size))
        self.params['W1'] = np.random.normal(0, std, (input_size, hidden_size))

""",
        )
    ],
    "a generator of its own": [
        (
            INIT,
            INIT.replace("np.random.randn(", "np.random.default_rng(3).standard_normal((").replace(
                "_size)\n        self.params['b", "_size))\n        self.params['b"
            ),
        ),
    ],
    "updates that make new arrays": [
        (UPDATE, "                    self.params[name] = self.params[name] - learning_rate * grads[name]\n")
    ],
    "updates one by one": [
        (
            "                for name in self.params:\n" + UPDATE,
            "".join(
                f"                self.params['{n}'] += -learning_rate * grads['{n}']\n"
                for n in ("W1", "b1", "W2", "b2")
            ),
        )
    ],
    "type hints": [
        (
            "import numpy as np\n",
            "from __future__ import annotations\nfrom typing import Optional\nimport numpy as np\n",
        ),
        (
            "X, y=None, reg=0.0):",
            "X: np.ndarray, y: Optional[np.ndarray] = None, reg: float = 0.0) -> tuple:",
        ),
    ],
    "__getattr__": [
        (
            "    def loss(self",
            "    def __getattr__(self, name):\n"
            "        if name in ('W1', 'b1', 'W2', 'b2'):\n"
            "            return self.params[name]\n"
            "        raise AttributeError(name)\n\n    def loss(self",
        ),
        ("        W1, b1 = self.params['W1'], self.params['b1']\n", "        W1, b1 = self.W1, self.b1\n"),
    ],
    "prints": [
        method("loss", "print('loss', X.shape)"),
        method("train", "print('training...')"),
        ("import numpy as np\n", "import numpy as np\nprint('loaded')\n"),
    ],
    "warnings": [
        ("import numpy as np\n", "import warnings\nimport numpy as np\n"),
        method("loss", "warnings.warn('this is slow')"),
        method("predict", "np.log(np.zeros(1))"),
    ],
    "floating point errors raise": [
        ("import numpy as np\n", "import numpy as np\nnp.seterr(divide='raise', invalid='raise')\n")
    ],
    "matplotlib": [
        (
            "import numpy as np\n",
            "import numpy as np\nimport matplotlib.pyplot as plt\nplt.rcParams['figure.figsize'] = (10, 8)\n",
        )
    ],
    "compares with `is`": [
        (
            "        if self.activation == 'sigmoid':\n            h =",
            "        if self.activation is 'sigmoid':\n            h =",
        ),
        ("elif self.activation == 'relu'", "elif self.activation is 'relu'"),
        (
            "        if self.activation == 'sigmoid':\n            d_z",
            "        if self.activation is 'sigmoid':\n            d_z",
        ),
    ],
    "mask by where": [("d_z = d_h * (z > 0)", "d_z = np.where(z > 0, d_h, 0)")],
    "mask by >=": [("d_z = d_h * (z > 0)", "d_z = d_h * (z >= 0)")],
    "mask by assignment": [("d_z = d_h * (z > 0)", "d_z = d_h\n            d_z[h <= 0] = 0")],
    "mask by sign": [("d_z = d_h * (z > 0)", "d_z = d_h * np.sign(h)")],
    "relu by where": [("h = np.maximum(z, 0)", "h = np.where(z > 0, z, 0)")],
    "relu in place": [("h = np.maximum(z, 0)", "h = z.copy()\n            h[h < 0] = 0")],
    "relu by clip": [("h = np.maximum(z, 0)", "h = z.clip(min=0)")],
    "batches by choice without replacement": [
        (IDX, "idx = np.random.choice(num_train, min(num_train, batch_size), replace=False)\n")
    ],
    "batches in order": [("perm = np.random.permutation(num_train)", "perm = np.arange(num_train)")],
    "batches by shuffle": [
        (
            "perm = np.random.permutation(num_train)",
            "perm = list(range(num_train))\n            np.random.shuffle(perm)",
        )
    ],
    "no seed": [("        np.random.seed(1)\n", "")],
    "float32 inside": [
        (
            "np.random.randn(input_size, hidden_size)",
            "np.random.randn(input_size, hidden_size).astype(np.float32)",
        ),
        (
            "np.random.randn(hidden_size, output_size)",
            "np.random.randn(hidden_size, output_size).astype(np.float32)",
        ),
        ("np.zeros(hidden_size)", "np.zeros(hidden_size, dtype=np.float32)"),
        ("np.zeros(output_size)", "np.zeros(output_size, dtype=np.float32)"),
        method("loss", "X = X.astype(np.float32)"),
        (RETURN, "        return float(loss), {k: g.astype(np.float32) for k, g in grads.items()}\n"),
    ],
    "float32 arithmetic": [
        method("loss", "X = np.asarray(X, dtype=np.float32)"),
        (
            "        N = X.shape[0]\n",
            "        W1, b1, W2, b2 = (p.astype(np.float32) for p in (W1, b1, W2, b2))\n        N = X.shape[0]\n",
        ),
    ],
    "float32 parameters": [
        (
            "    def loss(self",
            "    def as_single(self):\n        self.params = {k: np.float32(v) for k, v in self.params.items()}\n\n    def loss(self",
        ),
        (
            "        self.params['b2'] = np.zeros(output_size)\n",
            "        self.params['b2'] = np.zeros(output_size)\n        self.as_single()\n",
        ),
    ],
    "params as a property": [
        ("        self.params = {}\n", "        self._p = {}\n"),
        *[(f"        self.params['{n}'] = ", f"        self._p['{n}'] = ") for n in ("W1", "b1", "W2", "b2")],
        (
            "    def loss(self",
            "    @property\n    def params(self):\n        return dict(self._p)\n\n    def loss(self",
        ),
        (UPDATE, "                    self._p[name][...] -= learning_rate * grads[name]\n"),
    ],
    "weights as attributes": [
        (
            "        self.params['b2'] = np.zeros(output_size)\n",
            "        self.params['b2'] = np.zeros(output_size)\n"
            "        self.W1, self.b1 = self.params['W1'], self.params['b1']\n"
            "        self.W2, self.b2 = self.params['W2'], self.params['b2']\n",
        ),
        ("        W1, b1 = self.params['W1'], self.params['b1']\n", "        W1, b1 = self.W1, self.b1\n"),
        ("        W2, b2 = self.params['W2'], self.params['b2']\n", "        W2, b2 = self.W2, self.b2\n"),
    ],
    "loss as a 0-d array": [(RETURN, "        return np.array(loss), grads\n")],
    "loss as a one-element array": [
        (RETURN, "        return np.array([loss]), grads\n"),
        ("loss_history.append(loss)", "loss_history.append(loss.item())"),
    ],
    "loss as one element, kept so in the history": [(RETURN, "        return loss.reshape(1), grads\n")],
    "a list of loss and gradients": [(RETURN, "        return [loss, grads]\n")],
    "train returns more": [
        (HISTORIES, HISTORIES.replace("{'loss", "{'lr': learning_rate, 'best': None, 'net': self, 'loss"))
    ],
    "histories as arrays": [
        (
            HISTORIES,
            HISTORIES.replace("_history': ", "_history': 1.0 * np.array(")
            .replace("_history,", "_history),")
            .replace("_history}", "_history)}"),
        )
    ],
    "histories preallocated": [
        (
            "        loss_history = []\n",
            "        loss_history = []\n        kept = np.zeros(num_epochs * iterations_per_epoch)\n",
        ),
        (
            "loss_history.append(loss)",
            "kept[len(loss_history)] = loss\n                loss_history.append(loss)",
        ),
        ("{'loss_history': loss_history", "{'loss_history': kept"),
    ],
    "predict returns int32": [
        ("return np.argmax(scores, axis=1)", "return np.argmax(scores, axis=1).astype(np.int32)")
    ],
    "predict returns a list": [
        ("return np.argmax(scores, axis=1)", "return [int(np.argmax(row)) for row in scores]"),
    ],
    "predict by softmax": [
        (
            "        return np.argmax(scores, axis=1)\n",
            "        e = np.exp(scores - scores.max(axis=1, keepdims=True))\n"
            "        return (e / e.sum(axis=1, keepdims=True)).argmax(1)\n",
        )
    ],
    "never prints": [
        (
            "            if verbose:\n                print('Epoch %d: loss %f, train_acc %f, val_acc %f' % (epoch + 1, loss, train_acc, val_acc))\n",
            "",
        )
    ],
    "labels as a column of floats inside": [
        method("loss", "if y is not None:\n    y = np.asarray(y, dtype=float).reshape(-1, 1)"),
        ("probs[np.arange(N), y]", "probs[np.arange(N), y[:, 0].astype(int)]"),
        ("d_scores[np.arange(N), y]", "d_scores[np.arange(N), y.ravel().astype(int)]"),
    ],
    "own gradients by complete differences": [
        (
            "        d_h = d_scores.dot(W2.T)\n",
            "        d_h = np.stack([d_scores.dot(W2[k]) for k in range(W2.shape[0])], axis=1)\n",
        )
    ],
    "X overwritten inside": [
        ("dW1 = X.T.dot(d_z) + reg * W1", "X = X.T.dot(d_z)\n        X += reg * W1\n        dW1 = X"),
    ],
    "a copy of X changed in place": [method("loss", "X = X.copy()\nX += 1.0\nX -= 1.0")],
    "learning rate under another name": [
        ("        np.random.seed(1)\n", "        np.random.seed(1)\n        lr0 = learning_rate\n"),
        (
            "            learning_rate *= learning_rate_decay\n",
            "            learning_rate = lr0 * learning_rate_decay ** (epoch + 1)\n",
        ),
    ],
    "a while loop over epochs": [
        (
            "        for epoch in range(num_epochs):\n",
            "        epoch = -1\n        while epoch + 1 < num_epochs:\n            epoch += 1\n",
        ),
    ],
    "one loop over iterations": [
        (
            "        for epoch in range(num_epochs):\n            perm = np.random.permutation(num_train)\n"
            "            for i in range(iterations_per_epoch):\n",
            "        for epoch in range(num_epochs):\n            perm = np.random.permutation(num_train)\n"
            "            for i in (it for it in range(10 ** 9) if it >= 0):\n"
            "                if i == iterations_per_epoch:\n                    break\n",
        ),
    ],
    "predict in its own loop": [
        (
            "        scores = self.loss(X)\n",
            "        scores = np.vstack([self.loss(x[None, :]) for x in X])\n",
        ),
    ],
    "super class with a metaclass": [
        (
            "class TwoLayerMLP(object):\n",
            "class Base(type):\n    pass\n\n\nclass TwoLayerMLP(object, metaclass=Base):\n    __slots__ = ('params', 'activation')\n\n",
        ),
    ],
}


def right(name: str) -> str:
    """The source of one of them."""
    return handin(*RIGHT[name])
