import numpy as np
from collections import OrderedDict


def fc_forward(inp, weight, bias):
    return np.dot(inp, weight) + bias


def fc_backward(grad_out, inp, weight):
    """gradients of input, weight and bias"""
    return np.dot(grad_out, weight.T), np.dot(inp.T, grad_out), np.sum(grad_out, axis=0)


def nonlin_forward(kind, inp):
    if kind == 'sigmoid':
        return 1.0 / (1.0 + np.exp(-inp))
    if kind == 'relu':
        return np.maximum(0.0, inp)
    raise ValueError('Unknown activation type')


def nonlin_backward(kind, grad_out, out):
    if kind == 'sigmoid':
        return grad_out * out * (1.0 - out)
    grad_in = np.array(grad_out)
    grad_in[out == 0] = 0
    return grad_in


class TwoLayerMLP(object):

    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.params = OrderedDict()
        self.params['W1'] = std * np.random.randn(input_size, hidden_size)
        self.params['b1'] = np.zeros(hidden_size)
        self.params['W2'] = std * np.random.randn(hidden_size, output_size)
        self.params['b2'] = np.zeros(output_size)
        self.activation = activation

    def loss(self, X, y=None, reg=0.0):
        W1, b1, W2, b2 = self.params['W1'], self.params['b1'], self.params['W2'], self.params['b2']
        hidden = nonlin_forward(self.activation, fc_forward(X, W1, b1))
        scores = fc_forward(hidden, W2, b2)
        if y is None:
            return scores

        num = X.shape[0]
        idx = (np.arange(num), y)
        scores = scores - np.max(scores, axis=1, keepdims=True)
        prob = np.exp(scores)
        prob = prob / np.sum(prob, axis=1, keepdims=True)
        loss = np.mean(-np.log(prob[idx]))
        loss = loss + reg * 0.5 * np.sum(W1 ** 2) + reg * 0.5 * np.sum(W2 ** 2)

        grad = prob
        grad[idx] = grad[idx] - 1
        grad = grad / num
        grads = {}
        grad, grads['W2'], grads['b2'] = fc_backward(grad, hidden, W2)
        grad = nonlin_backward(self.activation, grad, hidden)
        grad, grads['W1'], grads['b1'] = fc_backward(grad, X, W1)
        grads['W1'] = grads['W1'] + reg * W1
        grads['W2'] = grads['W2'] + reg * W2
        return loss, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        num_train = X.shape[0]
        iterations_per_epoch = max(int(num_train / batch_size), 1)
        loss_history, grad_magnitude_history = [], []
        train_acc_history, val_acc_history = [], []

        np.random.seed(1)
        for epoch in range(num_epochs):
            perm = np.random.permutation(num_train)
            for iteration in range(iterations_per_epoch):
                take = perm[iteration * batch_size:(iteration + 1) * batch_size]
                X_batch, y_batch = X[take], y[take]
                loss, grads = self.loss(X_batch, y_batch, reg=reg)
                loss_history.append(loss)
                grad_magnitude_history.append(np.linalg.norm(grads['W1']))
                for key, grad in grads.items():
                    self.params[key] -= learning_rate * grad

            train_acc = np.mean(self.predict(X_batch) == y_batch)
            val_acc = np.mean(self.predict(X_val) == y_val)
            train_acc_history.append(train_acc)
            val_acc_history.append(val_acc)
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f' % (
                    epoch + 1, loss, train_acc, val_acc))

        return {'loss_history': loss_history,
                'grad_magnitude_history': grad_magnitude_history,
                'train_acc_history': train_acc_history,
                'val_acc_history': val_acc_history}

    def predict(self, X):
        return np.argmax(self.loss(X), axis=1)
