"""PS3. Written along the lines of problem 1: one function per layer, one for each gradient."""
import numpy as np


def affine(inputs, weights, bias):
    return np.dot(inputs, weights) + bias


def activate(kind, a):
    if kind == 'relu':
        return np.where(a > 0, a, 0.0)
    elif kind == 'sigmoid':
        h = np.empty_like(a)
        positive = a >= 0
        h[positive] = 1.0 / (1.0 + np.exp(-a[positive]))
        e = np.exp(a[~positive])
        h[~positive] = e / (1.0 + e)
        return h
    raise ValueError('I only know relu and sigmoid, not %r' % (kind,))


def derivative(kind, a, h):
    return (a > 0).astype(float) if kind == 'relu' else h * (1.0 - h)


class TwoLayerMLP(object):
    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.kind = activation
        self.params = {}
        for layer, shape in ((1, (input_size, hidden_size)), (2, (hidden_size, output_size))):
            self.params['W%d' % layer] = np.random.randn(*shape) * std
            self.params['b%d' % layer] = np.zeros(shape[1])

    def loss(self, X, y=None, reg=0.0):
        p = self.params
        a1 = affine(X, p['W1'], p['b1'])
        h1 = activate(self.kind, a1)
        a2 = affine(h1, p['W2'], p['b2'])
        if y is None:
            return a2

        # cross-entropy: log of the normaliser minus the score of the right class
        count = X.shape[0]
        top = np.max(a2, axis=1, keepdims=True)
        e = np.exp(a2 - top)
        normaliser = np.sum(e, axis=1, keepdims=True)
        right = a2[range(count), y].reshape(-1, 1)
        data_loss = np.mean(np.log(normaliser) + top - right)
        weights = np.sum(np.square(p['W1'])) + np.sum(np.square(p['W2']))
        loss = data_loss + reg * weights / 2

        delta2 = e / normaliser
        delta2[range(count), y] -= 1
        delta2 /= count
        delta1 = np.dot(delta2, p['W2'].T) * derivative(self.kind, a1, h1)
        grads = {}
        for layer, below, delta in ((2, h1, delta2), (1, X, delta1)):
            W = 'W%d' % layer
            grads[W] = np.dot(below.T, delta) + reg * p[W]
            grads['b%d' % layer] = np.sum(delta, axis=0)
        return loss, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        N = X.shape[0]
        per_epoch = max(N // batch_size, 1)
        losses, sizes, train_accs, val_accs = [], [], [], []

        np.random.seed(1)
        for epoch in range(num_epochs):
            shuffled = np.random.permutation(N)
            for start in range(0, per_epoch * batch_size, batch_size):
                batch = shuffled[start:start + batch_size]
                loss, grads = self.loss(X[batch], y[batch], reg)
                losses.append(loss)
                sizes.append(np.sqrt(np.sum(grads['W1'] ** 2)))
                for name, gradient in grads.items():
                    self.params[name] -= learning_rate * gradient

            train_accs.append((self.predict(X[batch]) == y[batch]).mean())
            val_accs.append((self.predict(X_val) == y_val).mean())
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f'
                      % (epoch + 1, loss, train_accs[-1], val_accs[-1]))
            learning_rate *= learning_rate_decay

        return {'loss_history': losses, 'grad_magnitude_history': sizes,
                'train_acc_history': train_accs, 'val_acc_history': val_accs}

    def predict(self, X):
        return np.argmax(self.loss(X), axis=1)
