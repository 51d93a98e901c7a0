import numpy as np

SIGMOID, RELU = 'sigmoid', 'relu'


class TwoLayerMLP:

    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        W1 = std * np.random.randn(input_size, hidden_size)
        W2 = std * np.random.randn(hidden_size, output_size)
        self.params = {'W1': W1, 'W2': W2,
                       'b1': np.zeros(hidden_size), 'b2': np.zeros(output_size)}
        self.activation = activation

    def activate(self, v):
        if self.activation == SIGMOID:
            return 1 / (1 + np.exp(-v))
        if self.activation == RELU:
            return np.maximum(v, 0)
        raise ValueError('Unknown activation type')

    def slope(self, h):
        """Slope of the activation, from its output h."""
        if self.activation == SIGMOID:
            return h * (1 - h)
        return np.sign(h)       # 1 where h > 0 and 0 where h == 0

    def loss(self, X, y=None, reg=0.0):
        W1, W2 = self.params['W1'], self.params['W2']
        hidden = self.activate(X @ W1 + self.params['b1'])
        scores = hidden @ W2 + self.params['b2']
        if y is None:
            return scores

        count = len(y)
        scores = scores - scores.max(axis=1, keepdims=True)
        p = np.exp(scores)
        p = p / p.sum(axis=1, keepdims=True)
        value = np.sum(-np.log(p[np.arange(count), y])) / count
        value = value + 0.5 * reg * np.sum(W1 ** 2) + 0.5 * reg * np.sum(W2 ** 2)

        delta2 = p
        delta2[np.arange(count), y] -= 1
        delta2 = delta2 / count
        delta1 = (delta2 @ W2.T) * self.slope(hidden)
        grads = {'W2': hidden.T @ delta2 + reg * W2, 'b2': delta2.sum(axis=0),
                 'W1': X.T @ delta1 + reg * W1, 'b1': delta1.sum(axis=0)}
        return value, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        loss_history = []
        grad_magnitude_history = []
        train_acc_history = []
        val_acc_history = []

        number = X.shape[0]
        batches = max(int(number / batch_size), 1)
        np.random.seed(1)
        epoch = 0
        while epoch < num_epochs:
            perm = np.random.permutation(number)
            batch = 0
            while batch < batches:
                first = batch * batch_size
                rows = perm[first:first + batch_size]
                value, grads = self.loss(X[rows], y[rows], reg)
                loss_history.append(value)
                grad_magnitude_history.append(np.linalg.norm(grads['W1']))
                for key in grads:
                    self.params[key] -= learning_rate * grads[key]

            train_acc = np.mean(self.predict(X[rows]) == y[rows])
            val_acc = np.mean(self.predict(X_val) == y_val)
            train_acc_history.append(train_acc)
            val_acc_history.append(val_acc)
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f'
                      % (epoch + 1, value, train_acc, val_acc))
            learning_rate *= learning_rate_decay
            epoch += 1

        return {'loss_history': loss_history, 'grad_magnitude_history': grad_magnitude_history,
                'train_acc_history': train_acc_history, 'val_acc_history': val_acc_history}

    def predict(self, X):
        return np.argmax(self.loss(X), axis=1)
