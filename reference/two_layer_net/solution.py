"""A right answer: affine, ReLU, affine, softmax; trained by stochastic gradient descent."""

import numpy as np

PENALTY = "either"
FACTOR = {"whole": 1.0, "half": 0.5, "either": 1.0}[PENALTY]
"""The penalty is this times reg times the sum of the squared weights."""


class TwoLayerNet:
    """Parameters W1 (D, H), b1 (H,), W2 (H, C) and b2 (C,) in `params`."""

    def __init__(self, input_size, hidden_size, output_size, std=1e-4):
        self.params = {
            "W1": std * np.random.randn(input_size, hidden_size),
            "b1": np.zeros(hidden_size),
            "W2": std * np.random.randn(hidden_size, output_size),
            "b2": np.zeros(output_size),
        }

    def loss(self, X, y=None, reg=0.0):
        """Without y the scores (N, C); with it the loss and a dict of its gradients."""
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        count = X.shape[0]
        before = X.dot(W1) + b1
        hidden = np.maximum(0, before)
        scores = hidden.dot(W2) + b2
        if y is None:
            return scores

        shifted = scores - scores.max(axis=1, keepdims=True)
        odds = np.exp(shifted)
        probabilities = odds / odds.sum(axis=1, keepdims=True)
        losses = -np.log(probabilities[np.arange(count), y])
        penalty = FACTOR * reg * ((W1 * W1).sum() + (W2 * W2).sum())
        loss = losses.sum() / count + penalty

        to_scores = probabilities.copy()
        to_scores[np.arange(count), y] -= 1
        to_scores /= count
        to_hidden = to_scores.dot(W2.T)
        to_before = to_hidden * (before > 0)
        grads = {
            "W2": hidden.T.dot(to_scores) + 2 * FACTOR * reg * W2,
            "b2": to_scores.sum(axis=0),
            "W1": X.T.dot(to_before) + 2 * FACTOR * reg * W1,
            "b1": to_before.sum(axis=0),
        }
        return loss, grads

    def train(
        self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95, reg=5e-6, num_iters=100,
        batch_size=200, verbose=False,
    ):  # fmt: skip
        """Change `params` by num_iters steps, each on batch_size examples; the histories as a dict."""
        count = X.shape[0]
        per_epoch = max(count // batch_size, 1)
        loss_history, train_acc_history, val_acc_history = [], [], []
        for iteration in range(num_iters):
            rows = np.random.choice(count, batch_size)
            X_batch, y_batch = X[rows], y[rows]
            loss, grads = self.loss(X_batch, y=y_batch, reg=reg)
            loss_history.append(loss)
            for name in ("W1", "b1", "W2", "b2"):
                self.params[name] -= learning_rate * grads[name]
            if verbose and iteration % 100 == 0:
                print(f"iteration {iteration} of {num_iters}: loss {loss:f}")
            if iteration % per_epoch == 0:
                train_acc_history.append((self.predict(X_batch) == y_batch).mean())
                val_acc_history.append((self.predict(X_val) == y_val).mean())
                learning_rate *= learning_rate_decay
        return {
            "loss_history": loss_history,
            "train_acc_history": train_acc_history,
            "val_acc_history": val_acc_history,
        }

    def predict(self, X):
        """Labels (N,)."""
        hidden = np.maximum(0, X.dot(self.params["W1"]) + self.params["b1"])
        return np.argmax(hidden.dot(self.params["W2"]) + self.params["b2"], axis=1)
