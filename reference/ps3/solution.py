"""A two-layer perceptron for classification, in NumPy.

Shapes used throughout: N examples, D inputs, H hidden units, C classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-z)) elementwise, in the shape of `z`, without overflow for any finite `z`."""
    small = np.exp(-np.abs(z))
    result: np.ndarray = np.where(z >= 0, 1.0, small) / (1.0 + small)
    return result


class TwoLayerMLP:
    """Input, fully connected layer, activation, fully connected layer, softmax.

    `params` holds float64 arrays: `W1` (D, H), `b1` (H,), `W2` (H, C), `b2` (C,).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int,
        std: float = 1e-4,
        activation: str = "relu",
    ) -> None:
        """Draw the weights from a normal distribution of width `std`, `W1` first; biases start at zero.

        `activation` is "sigmoid" or "relu".
        """
        self.params: dict[str, np.ndarray] = {
            "W1": std * np.random.randn(input_size, hidden_size),
            "b1": np.zeros(hidden_size),
            "W2": std * np.random.randn(hidden_size, output_size),
            "b2": np.zeros(output_size),
        }
        self.activation = activation

    def loss(self, X: np.ndarray, y: np.ndarray | None = None, reg: float = 0.0) -> Any:
        """Forward pass and, where labels are given, loss and gradients.

        `X` is (N, D), `y` holds N integers in 0..C-1. Without `y` the result is the scores (logits), (N, C).
        With `y` it is `(loss, grads)`: the mean cross-entropy of the softmax plus
        `0.5 * reg * (sum(W1**2) + sum(W2**2))` (biases are not regularised), and a dict with the keys and
        shapes of `params`.
        """
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        N = X.shape[0]

        # Forward pass: hidden activations (N, H), then the scores (N, C).
        if self.activation == "sigmoid":
            # gap: (Q2.1) the hidden activations for the sigmoid
            hidden = sigmoid(X @ W1 + b1)
            # instead: hidden = None
        elif self.activation == "relu":
            # gap: (Q2.4) the hidden activations for ReLU
            hidden = np.maximum(X @ W1 + b1, 0.0)
            # instead: hidden = None
        else:
            raise ValueError(f"unknown activation {self.activation!r}: use 'sigmoid' or 'relu'")
        # gap: (Q2.1) the scores; no activation after the second layer
        scores = hidden @ W2 + b2
        # instead: scores = None

        if y is None:
            return scores

        # Cross-entropy of the softmax. Subtracting each row's maximum changes no probability and keeps
        # exp from overflowing.
        shifted = scores - scores.max(axis=1, keepdims=True)
        log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        loss = -log_probs[np.arange(N), y].mean()
        loss += 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))

        # Backward pass: one gradient for each parameter, in its shape.
        grads: dict[str, np.ndarray] = {}
        # gap: (Q2.2) the gradients of the loss: grads["W1"], grads["b1"], grads["W2"], grads["b2"];
        # gap: (Q2.4) the derivative of the hidden layer depends on the activation
        d_scores = np.exp(log_probs)
        d_scores[np.arange(N), y] -= 1.0
        d_scores /= N
        grads["W2"] = hidden.T @ d_scores + reg * W2
        grads["b2"] = d_scores.sum(axis=0)
        d_hidden = d_scores @ W2.T
        if self.activation == "sigmoid":
            d_pre = d_hidden * (hidden * (1.0 - hidden))
        else:
            d_pre = d_hidden * (hidden > 0.0)
        grads["W1"] = X.T @ d_pre + reg * W1
        grads["b1"] = d_pre.sum(axis=0)
        # instead: pass
        return float(loss), grads

    def train(
        self,
        X: np.ndarray,
        y: np.ndarray,
        X_val: np.ndarray,
        y_val: np.ndarray,
        learning_rate: float = 1e-3,
        learning_rate_decay: float = 0.95,
        reg: float = 1e-5,
        num_epochs: int = 10,
        batch_size: int = 200,
        verbose: bool = False,
    ) -> dict[str, list[float]]:
        """Plain stochastic gradient descent; the learning rate is multiplied by the decay after each epoch.

        Returns four histories: `loss_history` and `grad_magnitude_history` (the Frobenius norm of W1's
        gradient) with one entry an iteration, `train_acc_history` (on the last mini-batch) and
        `val_acc_history` with one entry an epoch.
        """
        num_train = X.shape[0]
        iterations_per_epoch = max(num_train // batch_size, 1)
        history: dict[str, list[float]] = {
            "loss_history": [],
            "grad_magnitude_history": [],
            "train_acc_history": [],
            "val_acc_history": [],
        }
        np.random.seed(1)
        for epoch in range(num_epochs):
            order = np.random.permutation(num_train)
            for i in range(iterations_per_epoch):
                chosen = order[i * batch_size : (i + 1) * batch_size]
                X_batch, y_batch = X[chosen], y[chosen]
                loss, grads = self.loss(X_batch, y_batch, reg=reg)
                history["loss_history"].append(loss)
                history["grad_magnitude_history"].append(float(np.linalg.norm(grads["W1"])))
                # gap: (Q2.3) one step of gradient descent on all four parameters
                for name in self.params:
                    self.params[name] -= learning_rate * grads[name]
                # instead: pass

            train_acc = float((self.predict(X_batch) == y_batch).mean())
            val_acc = float((self.predict(X_val) == y_val).mean())
            history["train_acc_history"].append(train_acc)
            history["val_acc_history"].append(val_acc)
            if verbose:
                print(f"Epoch {epoch + 1}: loss {loss:f}, train_acc {train_acc:f}, val_acc {val_acc:f}")
            learning_rate *= learning_rate_decay
        return history

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class with the highest score for each row of `X`: (N,) integers."""
        # gap: (Q2.3) the predicted labels
        labels: np.ndarray = np.argmax(self.loss(X), axis=1)
        # instead: labels = None
        return labels
