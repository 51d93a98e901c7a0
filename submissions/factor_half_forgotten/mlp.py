import numpy as np

# In problem 1 everything is a column vector, so I keep that here:
# one example = one column. A0 is D x N, Z1 and A1 are H x N, Z2 is C x N.
# Only the input and the returned scores have examples as rows.


def col(v):
    return v.reshape(-1, 1)


class TwoLayerMLP(object):

    def __init__(self, input_size, hidden_size, num_classes, std=1e-4, activation='relu'):
        self.params = {
            'W1': std * np.random.randn(input_size, hidden_size),
            'b1': np.zeros(hidden_size),
            'W2': std * np.random.randn(hidden_size, num_classes),
            'b2': np.zeros(num_classes),
        }
        self.activation = activation

    def _f(self, Z):
        if self.activation == 'sigmoid':
            return np.exp(-np.logaddexp(0, -Z))
        elif self.activation == 'relu':
            return np.where(Z > 0, Z, 0)
        else:
            raise Exception('Unknown activation type')

    def _fprime(self, Z):
        if self.activation == 'sigmoid':
            s = self._f(Z)
            return s - s * s
        return np.where(Z > 0, 1.0, 0.0)

    def loss(self, X, y=None, reg=0.0):
        W1, W2 = self.params['W1'].T, self.params['W2'].T       # H x D and C x H
        b1, b2 = col(self.params['b1']), col(self.params['b2'])
        A0 = X.T
        N = A0.shape[1]

        # forward step
        Z1 = W1.dot(A0) + b1
        A1 = self._f(Z1)
        Z2 = W2.dot(A1) + b2
        if y is None:
            return Z2.T

        # softmax of every column
        E = np.exp(Z2 - Z2.max(axis=0))
        P = E / E.sum(axis=0)

        J = -np.log(P[y, np.arange(N)]).sum() / N
        J += reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2))

        # backward step
        G2 = P
        G2[y, np.arange(N)] -= 1
        G2 = G2 / N
        dW2 = G2.dot(A1.T) + reg * W2
        db2 = G2.sum(axis=1)
        G1 = W2.T.dot(G2) * self._fprime(Z1)
        dW1 = G1.dot(A0.T) + reg * W1
        db1 = G1.sum(axis=1)

        # back to the shapes of params
        grads = {'W1': dW1.T, 'b1': db1, 'W2': dW2.T, 'b2': db2}
        return J, grads

    def train(self, X, y, X_val, y_val,
              learning_rate=1e-3, learning_rate_decay=0.95, reg=1e-5,
              num_epochs=10, batch_size=200, verbose=False):
        m = X.shape[0]
        n_batches = max(int(m / batch_size), 1)
        J_hist = []
        norm_hist = []
        acc_hist = []
        val_hist = []

        np.random.seed(1)
        for t in range(num_epochs):
            perm = np.random.permutation(m)
            for k in range(n_batches):
                pick = perm[k * batch_size:(k + 1) * batch_size]
                Xk = X[pick, :]
                yk = y[pick]
                J, grads = self.loss(Xk, yk, reg)
                J_hist.append(J)
                norm_hist.append(np.linalg.norm(grads['W1']))
                for key in ['W1', 'W2', 'b1', 'b2']:
                    self.params[key] += -learning_rate * grads[key]

            acc_hist.append(np.mean(self.predict(Xk) == yk))
            val_hist.append(np.mean(self.predict(X_val) == y_val))
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f' %
                      (t + 1, J, acc_hist[-1], val_hist[-1]))
            learning_rate = learning_rate_decay * learning_rate

        return {'loss_history': J_hist, 'grad_magnitude_history': norm_hist,
                'train_acc_history': acc_hist, 'val_acc_history': val_hist}

    def predict(self, X):
        scores = self.loss(X)
        return np.argmax(scores, axis=1)
