from __future__ import print_function

import numpy as np
from past.builtins import xrange


class TwoLayerNet(object):
    def __init__(self, input_size, hidden_size, output_size, std=1e-4):
        self.params = {}
        self.params["W1"] = std * np.random.randn(input_size, hidden_size)
        self.params["b1"] = np.zeros(hidden_size)
        self.params["W2"] = std * np.random.randn(hidden_size, output_size)
        self.params["b2"] = np.zeros(output_size)

    def loss(self, X, y=None, reg=0.0):
        W1, b1, W2, b2 = [self.params[k] for k in ("W1", "b1", "W2", "b2")]
        N, D = X.shape
        h = np.dot(X, W1) + b1
        h[h < 0] = 0
        scores = np.dot(h, W2) + b2
        if y is None:
            return scores
        scores -= np.max(scores, axis=1).reshape(N, 1)
        correct = scores[range(N), y]
        loss = -np.sum(correct) + np.sum(np.log(np.sum(np.exp(scores), axis=1)))
        loss = loss / N + reg * (np.sum(W1**2) + np.sum(W2**2))

        grads = {}
        P = np.exp(scores) / np.sum(np.exp(scores), axis=1).reshape(N, 1)
        P[range(N), list(y)] -= 1
        dh = np.dot(P, W2.T)
        dh[h <= 0] = 0
        grads["W2"] = np.dot(h.T, P) / N + 2 * reg * W2
        grads["b2"] = np.sum(P, axis=0) / N
        grads["W1"] = np.dot(X.T, dh) / N + 2 * reg * W1
        grads["b1"] = np.sum(dh, axis=0) / N
        return loss, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95, reg=5e-6,
              num_iters=100, batch_size=200, verbose=False):
        num_train = X.shape[0]
        iterations_per_epoch = max(num_train / batch_size, 1)
        loss_history, train_acc_history, val_acc_history = [], [], []
        for it in xrange(num_iters):
            idx = np.random.randint(0, num_train, batch_size)
            loss, grads = self.loss(X[idx], y=y[idx], reg=reg)
            loss_history.append(loss)
            for k in grads:
                self.params[k] = self.params[k] + learning_rate * grads[k]
            if it % iterations_per_epoch == 0:
                train_acc_history.append((self.predict(X[idx]) == y[idx]).mean())
                val_acc_history.append((self.predict(X_val) == y_val).mean())
                learning_rate *= learning_rate_decay
        return {"loss_history": loss_history, "train_acc_history": train_acc_history,
                "val_acc_history": val_acc_history}

    def predict(self, X):
        return np.argmax(self.loss(X), axis=1)
