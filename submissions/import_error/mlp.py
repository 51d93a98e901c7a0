import numpy as np
from numpy import softmax


class TwoLayerMLP:
    """Neural net for the homework. Hidden layer, then softmax."""

    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.activation = activation
        self.params = {}
        shapes = [('1', input_size, hidden_size), ('2', hidden_size, output_size)]
        for nr, fan_in, fan_out in shapes:
            self.params['W' + nr] = std * np.random.randn(fan_in, fan_out)
            self.params['b' + nr] = np.zeros(fan_out)

    def scores(self, X):
        pre = np.matmul(X, self.params['W1']) + self.params['b1']
        if self.activation == 'relu':
            post = pre.clip(min=0)
        else:
            post = 1.0 / (1.0 + np.exp(-pre))
        return pre, post, np.matmul(post, self.params['W2']) + self.params['b2']

    def loss(self, X, y=None, reg=0.0):
        pre, post, out = self.scores(X)
        if y is None:
            return out

        n = y.shape[0]
        probs = softmax(out, axis=1)
        right = probs[range(n), y]
        total = -np.mean(np.log(right))
        total += 0.5 * reg * np.sum(np.square(self.params['W1']))
        total += 0.5 * reg * np.sum(np.square(self.params['W2']))

        err = probs
        err[range(n), y] -= 1
        err = err / n
        grads = {}
        grads['b2'] = np.sum(err, axis=0)
        grads['W2'] = np.matmul(post.T, err) + reg * self.params['W2']
        err_hidden = np.matmul(err, self.params['W2'].T)
        if self.activation == 'relu':
            err_hidden[pre <= 0] = 0
        else:
            err_hidden = err_hidden * post * (1 - post)
        grads['b1'] = np.sum(err_hidden, axis=0)
        grads['W1'] = np.matmul(X.T, err_hidden) + reg * self.params['W1']
        return total, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        n = X.shape[0]
        steps = max(int(n / batch_size), 1)
        losses, norms, acc_train, acc_val = [], [], [], []
        np.random.seed(1)

        for epoch in range(num_epochs):
            perm = np.random.permutation(n)
            for step in range(steps):
                sel = perm[step * batch_size:(step + 1) * batch_size]
                l, grads = self.loss(X[sel], y[sel], reg)
                losses.append(l)
                norms.append(np.linalg.norm(grads['W1']))
                for key in self.params.keys():
                    self.params[key] -= learning_rate * grads[key]
            acc_train.append(self.accuracy(X[sel], y[sel]))
            acc_val.append(self.accuracy(X_val, y_val))
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f'
                      % (epoch + 1, l, acc_train[-1], acc_val[-1]))
            learning_rate *= learning_rate_decay

        return {'loss_history': losses, 'grad_magnitude_history': norms,
                'train_acc_history': acc_train, 'val_acc_history': acc_val}

    def accuracy(self, X, y):
        return np.mean(self.predict(X) == y)

    def predict(self, X):
        return np.argmax(self.scores(X)[2], axis=1)
