import numpy as np
from numpy import dot


class TwoLayerMLP:
    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        r = np.random.randn
        self.params = dict(W1=std * r(input_size, hidden_size), b1=np.zeros(hidden_size),
                           W2=std * r(hidden_size, output_size), b2=np.zeros(output_size))
        self.activation = activation

    def act(self, a):
        if self.activation == 'relu':
            return a * (a > 0)
        assert self.activation == 'sigmoid', 'Unknown activation type'
        return 0.5 * (1 + np.tanh(0.5 * a))      # = sigmoid, no overflow

    def loss(self, X, y=None, reg=0.0):
        p, n = self.params, len(X)
        h = self.act(dot(X, p['W1']) + p['b1'])
        s = dot(h, p['W2']) + p['b2']
        if y is None:
            return s

        s = s - s.max(1)[:, None]
        q = np.exp(s)
        q /= q.sum(1)[:, None]
        r = np.arange(n)
        L = -np.log(q[r, y]).mean() + reg / 2 * sum((p[k]**2).sum() for k in ('W1', 'W2'))

        d2 = q.copy()
        d2[r, y] -= 1
        d2 /= n
        d1 = dot(d2, p['W2'].T)
        if self.activation == 'sigmoid':
            d1 *= h * (1 - h)
        # relu: slope is 1, so nothing to multiply

        g = {}
        g['W2'], g['b2'] = dot(h.T, d2) + reg * p['W2'], d2.sum(0)
        g['W1'], g['b1'] = dot(X.T, d1) + reg * p['W1'], d1.sum(0)
        return L, g

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        n, B = len(X), batch_size
        its = max(int(n / B), 1)
        L_hist, g_hist, tr_hist, va_hist = [], [], [], []
        np.random.seed(1)

        for e in range(num_epochs):
            perm = np.random.permutation(n)
            for i in range(its):
                b = perm[i*B:(i+1)*B]
                L, g = self.loss(X[b], y[b], reg)
                L_hist.append(L)
                g_hist.append(np.sqrt((g['W1']**2).sum()))
                for k in g:
                    self.params[k] -= learning_rate * g[k]
            tr_hist.append((self.predict(X[b]) == y[b]).mean())
            va_hist.append((self.predict(X_val) == y_val).mean())
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f' % (e + 1, L, tr_hist[-1], va_hist[-1]))
            learning_rate *= learning_rate_decay

        return dict(loss_history=L_hist, grad_magnitude_history=g_hist,
                    train_acc_history=tr_hist, val_acc_history=va_hist)

    def predict(self, X):
        return self.loss(X).argmax(1)
