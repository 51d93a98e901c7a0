"""A two-layer network: fill in what is marked."""

import numpy as np


class TwoLayerNet:
    """Affine, ReLU, affine, softmax. `params`: W1 (D, H), b1 (H,), W2 (H, C), b2 (C,)."""

    def __init__(self, input_size, hidden_size, output_size, std=1e-4):
        self.params = {
            "W1": std * np.random.randn(input_size, hidden_size),
            "b1": np.zeros(hidden_size),
            "W2": std * np.random.randn(hidden_size, output_size),
            "b2": np.zeros(output_size),
        }

    def loss(self, X, y=None, reg=0.0):
        """Without y the scores (N, C); with it the mean loss, penalty of the weights included, and its gradients."""
        scores = None
        # TODO: the scores.
        if y is None:
            return scores
        loss, grads = None, {}
        # TODO: the loss, and the gradient of each of the parameters under its name.
        return loss, grads

    def train(
        self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95, reg=5e-6, num_iters=100,
        batch_size=200, verbose=False,
    ):
        """num_iters steps of stochastic gradient descent, each on batch_size examples."""
        per_epoch = max(X.shape[0] // batch_size, 1)
        loss_history, train_acc_history, val_acc_history = [], [], []
        for it in range(num_iters):
            X_batch, y_batch = None, None
            # TODO: draw a batch of examples and their labels.
            loss, grads = self.loss(X_batch, y=y_batch, reg=reg)
            loss_history.append(loss)
            # TODO: take a step.
            if it % per_epoch == 0:
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
        y_pred = None
        # TODO
        return y_pred
