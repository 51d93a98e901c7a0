import numpy as np
import matplotlib.pyplot as plt   # for plot_losses below

# examples are columns inside loss(), as in the derivation of problem 1


class TwoLayerMLP(object):
    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.activation = activation
        self.params = {k: v for k, v in (
            ('W1', std * np.random.randn(input_size, hidden_size)),
            ('b1', np.zeros(hidden_size)),
            ('W2', std * np.random.randn(hidden_size, output_size)),
            ('b2', np.zeros(output_size)))}

    def _net(self, X):
        a1 = np.dot(self.params['W1'].T, X.T) + self.params['b1'][:, None]
        if self.activation == 'sigmoid':
            h1 = 1 / (1 + np.exp(-np.clip(a1, -700, 700)))
            dh1_da1 = h1 * (1 - h1)
        elif self.activation == 'relu':
            h1 = np.maximum(0, a1)
            dh1_da1 = np.heaviside(a1, 0)
        else:
            raise ValueError('activation must be sigmoid or relu')
        a2 = np.dot(self.params['W2'].T, h1) + self.params['b2'][:, None]
        return h1, dh1_da1, a2

    def loss(self, X, y=None, reg=0.0):
        h1, dh1_da1, a2 = self._net(X)
        if y is None:
            return a2.T
        N = X.shape[0]

        # log-sum-exp
        top = a2.max(axis=0)
        lse = top + np.log(np.exp(a2 - top).sum(axis=0))
        J = np.mean(lse - a2[y, np.arange(N)])
        omega = sum(np.sum(self.params[k] ** 2) for k in ('W1', 'W2'))
        J = J + 0.5 * reg * omega

        g = np.exp(a2 - lse)
        g[y, np.arange(N)] -= 1
        g = g / N
        grads = {'b2': g.sum(axis=1), 'W2': np.dot(h1, g.T) + reg * self.params['W2']}
        g = np.dot(self.params['W2'], g)
        g = g * dh1_da1
        grads['b1'] = g.sum(axis=1)
        grads['W1'] = np.dot(X.T, g.T) + reg * self.params['W1']
        return J, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        N = X.shape[0]
        iters = max(int(N / batch_size), 1)
        loss_history, grad_magnitude_history, train_acc_history, val_acc_history = [], [], [], []
        np.random.seed(1)
        for epoch in range(num_epochs):
            # the rate of this epoch
            eta = learning_rate * learning_rate_decay ** epoch
            perm = np.random.permutation(N)
            for i in range(iters):
                now = perm[i * batch_size:(i + 1) * batch_size]
                J, grads = self.loss(X[now], y[now], reg)
                loss_history.append(J)
                grad_magnitude_history.append(np.linalg.norm(grads['W1']))
                for k in grads:
                    self.params[k] = self.params[k] - eta * grads[k]
            train_acc_history.append(np.mean(self.predict(X[now]) == y[now]))
            val_acc_history.append(np.mean(self.predict(X_val) == y_val))
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f' % (
                    epoch + 1, J, train_acc_history[-1], val_acc_history[-1]))
        return {
            'loss_history': loss_history,
            'grad_magnitude_history': grad_magnitude_history,
            'train_acc_history': train_acc_history,
            'val_acc_history': val_acc_history,
        }

    def predict(self, X):
        return self._net(X)[2].argmax(axis=0)


def plot_losses(stats):
    plt.plot(stats['loss_history'])
    plt.xlabel('iteration')
    plt.ylabel('loss')
    plt.show()
