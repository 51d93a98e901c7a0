# -*- coding: utf-8 -*-
# CS homework, ps3. Tested with Python 2.7.11 and numpy 1.10
from __future__ import division
import numpy as np


class TwoLayerMLP(object):

    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.params = {}
        self.params['W1'] = std * np.random.randn(input_size, hidden_size)
        self.params['b1'] = np.zeros(hidden_size)
        self.params['W2'] = std * np.random.randn(hidden_size, output_size)
        self.params['b2'] = np.zeros(output_size)
        self.activation = activation

    def loss(self, X, y=None, reg=0.0):
        # make sure that there is no integer division anywhere
        X = np.array(X, dtype=np.float)
        N, D = X.shape
        W1, b1 = self.params['W1'], self.params['b1']
        W2, b2 = self.params['W2'], self.params['b2']

        Z = np.dot(X, W1) + b1
        if self.activation == 'sigmoid':
            H = 1.0 / (1.0 + np.exp(-Z))
        elif self.activation == 'relu':
            H = np.maximum(Z, 0.0)
        else:
            raise ValueError('Unknown activation type')
        S = np.dot(H, W2) + b2
        if y is None:
            return S

        S = S - np.max(S, axis=1)[:, np.newaxis]
        P = np.exp(S)
        P = P / np.sum(P, axis=1)[:, np.newaxis]
        loss = -np.sum(np.log(P[np.arange(N), y])) / N
        loss = loss + 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))

        T = np.zeros_like(P)
        T[np.arange(N), y] = 1
        dS = (P - T) / N
        dH = np.dot(dS, W2.T)
        if self.activation == 'sigmoid':
            dZ = dH * (H - H * H)
        else:
            dZ = np.where(Z > 0, dH, 0)

        grads = {}
        grads['W2'] = np.dot(H.T, dS) + reg * W2
        grads['b2'] = np.sum(dS, axis=0)
        grads['W1'] = np.dot(X.T, dZ) + reg * W1
        grads['b1'] = np.sum(dZ, axis=0)
        return loss, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        num_train = X.shape[0]
        iterations_per_epoch = max(int(num_train / batch_size), 1)

        loss_history = []
        grad_magnitude_history = []
        train_acc_history = []
        val_acc_history = []

        np.random.seed(1)
        for epoch in xrange(num_epochs):
            perm = np.random.permutation(num_train)
            for it in xrange(iterations_per_epoch):
                ind = perm[it * batch_size:(it + 1) * batch_size]
                X_batch = X[ind]
                y_batch = y[ind]
                loss, grads = self.loss(X_batch, y_batch, reg)
                loss_history.append(loss)
                grad_magnitude_history.append(np.linalg.norm(grads['W1']))
                for name, grad in grads.items():
                    self.params[name] -= learning_rate * grad

            train_acc = np.mean(self.predict(X_batch) == y_batch)
            val_acc = np.mean(self.predict(X_val) == y_val)
            train_acc_history.append(train_acc)
            val_acc_history.append(val_acc)
            if verbose:
                print("Epoch %d: loss %f, train_acc %f, val_acc %f"
                      % (epoch + 1, loss, train_acc, val_acc))
            learning_rate *= learning_rate_decay

        return {'loss_history': loss_history,
                'grad_magnitude_history': grad_magnitude_history,
                'train_acc_history': train_acc_history,
                'val_acc_history': val_acc_history}

    def predict(self, X):
        scores = self.loss(X)
        return np.argmax(scores, axis=1)
