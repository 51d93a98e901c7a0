import numpy as np


def to_one_hot(labels, num_classes):
    """[2, 0] -> [[0, 0, 1], [1, 0, 0]]"""
    table = np.zeros((labels.size, num_classes), dtype=int)
    table[np.arange(labels.size), labels] = 1
    return table


class TwoLayerMLP:

    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.params = {}
        self.params["W1"] = std * np.random.randn(input_size, hidden_size)
        self.params["b1"] = np.zeros(hidden_size)
        self.params["W2"] = std * np.random.randn(hidden_size, output_size)
        self.params["b2"] = np.zeros(output_size)
        self.C = output_size
        self.activation = activation

    def loss(self, X, y=None, reg=0.0):
        n = X.shape[0]
        lin1 = np.einsum("nd,dh->nh", X, self.params["W1"], optimize=True) + self.params["b1"]
        if self.activation == "sigmoid":
            out1 = 1.0 / (1.0 + np.exp(-lin1))
            slope = out1 * (1.0 - out1)
        elif self.activation == "relu":
            slope = (lin1 > 0).astype(np.float64)
            out1 = lin1 * slope
        else:
            raise ValueError("Unknown activation type")
        lin2 = np.einsum("nh,hc->nc", out1, self.params["W2"], optimize=True) + self.params["b2"]
        if y is None:
            return lin2

        target = to_one_hot(y, self.C)
        lin2 = lin2 - lin2.max(axis=1, keepdims=True)
        log_p = lin2 - np.log(np.exp(lin2).sum(axis=1, keepdims=True))
        J = -(target * log_p).sum() / n
        for w in ("W1", "W2"):
            J += reg / 2.0 * (self.params[w] ** 2).sum()

        g2 = (np.exp(log_p) - target) / n
        g1 = g2.dot(self.params["W2"].T) * slope
        grads = {}
        grads["W1"] = X.T.dot(g1) + reg * self.params["W1"]
        grads["b1"] = g1.sum(axis=0)
        grads["W2"] = out1.T.dot(g2) + reg * self.params["W2"]
        grads["b2"] = g2.sum(axis=0)
        return J, grads

    def _accuracy(self, X, y):
        # a row is right if all of its entries are
        return (self.predict(X) == to_one_hot(y, self.C)).all(axis=1).mean()

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        n = X.shape[0]
        iterations_per_epoch = max(int(n / batch_size), 1)
        stats = {}
        stats["loss_history"] = []
        stats["grad_magnitude_history"] = []
        stats["train_acc_history"] = []
        stats["val_acc_history"] = []

        np.random.seed(1)
        for ep in range(1, num_epochs + 1):
            perm = np.random.permutation(n)
            for it in range(iterations_per_epoch):
                mb = perm[it * batch_size:(it + 1) * batch_size]
                J, grads = self.loss(X[mb], y[mb], reg=reg)
                stats["loss_history"].append(J)
                stats["grad_magnitude_history"].append(np.linalg.norm(grads["W1"]))
                for w, g in grads.items():
                    self.params[w] = self.params[w] - learning_rate * g

            acc, val = self._accuracy(X[mb], y[mb]), self._accuracy(X_val, y_val)
            stats["train_acc_history"].append(acc)
            stats["val_acc_history"].append(val)
            if verbose:
                print("Epoch %d: loss %f, train_acc %f, val_acc %f" % (ep, J, acc, val))
            learning_rate *= learning_rate_decay
        return stats

    def predict(self, X):
        winners = self.loss(X).argmax(axis=1)
        return to_one_hot(winners, self.C)
