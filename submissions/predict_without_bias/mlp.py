"""Problem Set 3 - two layer MLP (numpy only)"""
import numpy as np


def sig(x):
    # two halves of tanh: never overflows
    return (np.tanh(x / 2) + 1) / 2


class TwoLayerMLP(object):
    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.D, self.H, self.C = input_size, hidden_size, output_size
        self.params = {}
        self.params['W1'] = std * np.random.randn(self.D, self.H)
        self.params['b1'] = np.zeros(self.H)
        self.params['W2'] = std * np.random.randn(self.H, self.C)
        self.params['b2'] = np.zeros(self.C)
        self.activation = activation

    def hidden_layer(self, X):
        a = X.dot(self.params['W1']) + self.params['b1']
        if self.activation == 'sigmoid':
            return sig(a)
        elif self.activation == 'relu':
            return np.maximum(a, 0)
        raise ValueError('Unknown activation type')

    def loss(self, X, y=None, reg=0.0):
        p = self.params
        h = self.hidden_layer(X)
        scores = h.dot(p['W2']) + p['b2']
        if y is None:
            return scores

        N = len(scores)
        best = scores.max(axis=1)
        log_z = np.log(np.exp(scores - best[:, None]).sum(axis=1)) + best
        loss = (log_z - scores[np.arange(N), y]).sum() / N
        loss += reg / 2 * ((p['W1'] ** 2).sum() + (p['W2'] ** 2).sum())

        # (softmax - one hot) / N
        delta = (np.exp(scores - log_z[:, None]) - np.eye(self.C)[y]) / N
        back = delta.dot(p['W2'].T)
        if self.activation == 'sigmoid':
            back *= h - h ** 2
        else:
            back *= h > 0

        grads = {}
        grads['W1'] = X.T.dot(back) + reg * p['W1']
        grads['W2'] = h.T.dot(delta) + reg * p['W2']
        grads['b1'] = back.sum(axis=0)
        grads['b2'] = delta.sum(axis=0)
        return loss, grads

    def train(self, X, y, X_val, y_val,
              learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10,
              batch_size=200, verbose=False):
        N = X.shape[0]
        loops = max(int(N / batch_size), 1)
        loss_history = np.zeros(num_epochs * loops)
        grad_magnitude_history = np.zeros(num_epochs * loops)
        train_acc_history = np.zeros(num_epochs)
        val_acc_history = np.zeros(num_epochs)

        np.random.seed(1)
        t = 0
        for epoch in range(num_epochs):
            perm = np.random.permutation(N)
            for i in range(loops):
                idx = perm[i * batch_size:(i + 1) * batch_size]
                loss, grads = self.loss(X[idx], y[idx], reg)
                loss_history[t] = loss
                grad_magnitude_history[t] = np.linalg.norm(grads['W1'])
                t += 1
                for k in self.params:
                    self.params[k] -= learning_rate * grads[k]

            train_acc_history[epoch] = (self.predict(X[idx]) == y[idx]).mean()
            val_acc_history[epoch] = (self.predict(X_val) == y_val).mean()
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f' % (
                    epoch + 1, loss, train_acc_history[epoch], val_acc_history[epoch]))
            learning_rate *= learning_rate_decay

        return {'loss_history': list(loss_history),
                'grad_magnitude_history': list(grad_magnitude_history),
                'train_acc_history': list(train_acc_history),
                'val_acc_history': list(val_acc_history)}

    def predict(self, X):
        h = self.hidden_layer(X)
        return np.argmax(h.dot(self.params['W2']), axis=1)
