#!/usr/bin/env python3
import sys
import numpy as np


def logistic(t):
    result = np.empty_like(t, dtype=float)
    positive = t >= 0
    result[positive] = 1 / (1 + np.exp(-t[positive]))
    small = np.exp(t[~positive])
    result[~positive] = small / (1 + small)
    return result


def rectifier(t):
    return np.where(t > 0, t, 0.0)


def cross_entropy(scores, labels):
    """returns the mean loss and the softmax probabilities"""
    z = scores - np.max(scores, axis=1, keepdims=True)
    probs = np.exp(z)
    probs /= np.sum(probs, axis=1, keepdims=True)
    picked = probs[np.arange(len(labels)), labels]
    return -np.mean(np.log(picked)), probs


class TwoLayerMLP(object):

    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.activation = activation
        self.params = {}
        self.params['W1'] = std * np.random.randn(input_size, hidden_size)
        self.params['W2'] = std * np.random.randn(hidden_size, output_size)
        self.params['b1'] = np.zeros(hidden_size)
        self.params['b2'] = np.zeros(output_size)

    def loss(self, X, y=None, reg=0.0):
        W1, W2, b1, b2 = [self.params[k] for k in ('W1', 'W2', 'b1', 'b2')]
        pre = X.dot(W1) + b1
        hid = logistic(pre) if self.activation == 'sigmoid' else rectifier(pre)
        scores = hid.dot(W2) + b2
        if y is None:
            return scores

        loss, probs = cross_entropy(scores, y)
        loss += 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))

        n_examples, n_classes = scores.shape
        one_hot = np.eye(n_classes)[y]
        d_scores = (probs - one_hot) / n_examples
        d_hid = d_scores.dot(W2.T)
        if self.activation == 'sigmoid':
            d_pre = d_hid * hid * (1 - hid)
        else:
            d_pre = np.where(pre > 0, d_hid, 0.0)

        grads = {}
        for name, value in [('W1', X.T.dot(d_pre) + reg * W1), ('b1', d_pre.sum(axis=0)),
                            ('W2', hid.T.dot(d_scores) + reg * W2), ('b2', d_scores.sum(axis=0))]:
            grads[name] = value
        return loss, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        n_examples = X.shape[0]
        n_iter = max(int(n_examples / batch_size), 1)
        losses, magnitudes, train_accs, val_accs = [], [], [], []

        np.random.seed(1)
        for epoch in range(num_epochs):
            perm = np.random.permutation(n_examples)
            for i in range(n_iter):
                where = perm[i * batch_size:(i + 1) * batch_size]
                xb, yb = X[where], y[where]
                loss, grads = self.loss(xb, yb, reg)
                losses.append(loss)
                magnitudes.append(np.linalg.norm(grads['W1']))
                for name in grads:
                    self.params[name] -= learning_rate * grads[name]

            train_accs.append((self.predict(xb) == yb).mean())
            val_accs.append((self.predict(X_val) == y_val).mean())
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f'
                      % (epoch + 1, loss, train_accs[-1], val_accs[-1]))
            learning_rate *= learning_rate_decay

        # I ran this file as a script from the command line first
        sys.exit(0)

        return {'loss_history': losses,
                'grad_magnitude_history': magnitudes,
                'train_acc_history': train_accs,
                'val_acc_history': val_accs}

    def predict(self, X):
        return np.argmax(self.loss(X), axis=1)
