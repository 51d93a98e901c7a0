"""Problem Set 3, part 2: an MLP with one hidden layer."""
import numpy as np


def sigmoid(z):
    # exp() only ever sees negative numbers here, so nothing can overflow
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0 / (1.0 + e), e / (1.0 + e))


def relu(z):
    return np.maximum(z, 0.0)


class TwoLayerMLP(object):
    """
    input -> linear -> activation -> linear -> softmax

    D = input size, H = hidden units, C = classes, N = examples in a batch.
    """

    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.activation = activation
        self.params = {}
        self.params['W1'] = std * np.random.randn(input_size, hidden_size)
        self.params['b1'] = np.zeros(hidden_size)
        self.params['W2'] = std * np.random.randn(hidden_size, output_size)
        self.params['b2'] = np.zeros(output_size)

    def _forward(self, X):
        """Returns the hidden activations (N, H) and the scores (N, C)."""
        a1 = X.dot(self.params['W1']) + self.params['b1']
        if self.activation == 'sigmoid':
            h1 = sigmoid(a1)
        elif self.activation == 'relu':
            h1 = relu(a1)
        else:
            raise ValueError('Unknown activation type: %s' % self.activation)
        scores = h1.dot(self.params['W2']) + self.params['b2']
        return h1, scores

    def loss(self, X, y=None, reg=0.0):
        W1, W2 = self.params['W1'], self.params['W2']
        N = X.shape[0]

        h1, scores = self._forward(X)
        if y is None:
            return scores

        # softmax cross-entropy via log-sum-exp (subtract the row maximum first)
        shifted = scores - scores.max(axis=1, keepdims=True)
        log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        data_loss = -log_probs[np.arange(N), y].mean()
        loss = data_loss + 0.5 * reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2))

        # backward, from the scores down to the input (same letters as in Q1)
        g = np.exp(log_probs)
        g[np.arange(N), y] -= 1.0
        g /= N

        grads = {}
        grads['W2'] = h1.T.dot(g) + reg * W2
        grads['b2'] = g.sum(axis=0)

        g = g.dot(W2.T)
        if self.activation == 'sigmoid':
            g = g * h1 * (1.0 - h1)
        else:
            g = g * (h1 > 0)
        grads['W1'] = X.T.dot(g) + reg * W1
        grads['b1'] = g.sum(axis=0)

        return loss, grads

    def train(self, X, y, X_val, y_val,
              learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10,
              batch_size=200, verbose=False):
        num_train = X.shape[0]
        iterations_per_epoch = max(int(num_train / batch_size), 1)

        loss_history = []
        grad_magnitude_history = []
        train_acc_history = []
        val_acc_history = []

        np.random.seed(1)
        for epoch in range(num_epochs):
            # a new order of the training set for every epoch
            perm = np.random.permutation(num_train)

            for i in range(iterations_per_epoch):
                idx = perm[i * batch_size:(i + 1) * batch_size]
                X_batch, y_batch = X[idx], y[idx]

                loss, grads = self.loss(X_batch, y_batch, reg=reg)
                loss_history.append(loss)
                grad_magnitude_history.append(np.linalg.norm(grads['W1']))

                for name in self.params:
                    self.params[name] -= learning_rate * grads[name]

            train_acc = (self.predict(X_batch) == y_batch).mean()
            val_acc = (self.predict(X_val) == y_val).mean()
            train_acc_history.append(train_acc)
            val_acc_history.append(val_acc)
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f' % (
                    epoch + 1, loss, train_acc, val_acc))

            learning_rate *= learning_rate_decay

        return {
            'loss_history': loss_history,
            'grad_magnitude_history': grad_magnitude_history,
            'train_acc_history': train_acc_history,
            'val_acc_history': val_acc_history,
        }

    def predict(self, X):
        _, scores = self._forward(X)
        return scores.argmax(axis=1)
