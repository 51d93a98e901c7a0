import numpy as np


class Sigmoid:
    def forward(self, z):
        self.out = 1 / (1 + np.exp(-z))
        return self.out

    def backward(self, dout):
        return dout * self.out * (1 - self.out)


class ReLU:
    def forward(self, z):
        self.on = z > 0
        return z * self.on

    def backward(self, dout):
        return dout * self.on


class Linear:
    """Looks its W and b up in the params of the net every time."""

    def __init__(self, params, number):
        self.params = params
        self.W = 'W%d' % number
        self.b = 'b%d' % number

    def forward(self, x):
        self.x = x
        return x @ self.params[self.W] + self.params[self.b]

    def backward(self, dout, grads):
        grads[self.W] = self.x.T @ dout
        grads[self.b] = dout.sum(axis=0)
        return dout @ self.params[self.W].T


class TwoLayerMLP:
    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.params = {
            'W1': std * np.random.randn(input_size, hidden_size),
            'b1': np.zeros(hidden_size),
            'W2': std * np.random.randn(hidden_size, output_size),
            'b2': np.zeros(output_size),
        }
        self.linear1 = Linear(self.params, 1)
        self.act = {'sigmoid': Sigmoid, 'relu': ReLU}[activation]()
        self.linear2 = Linear(self.params, 2)

    def loss(self, X, y=None, reg=0.0):
        scores = self.linear2.forward(self.act.forward(self.linear1.forward(X)))
        if y is None:
            return scores

        scores = scores - scores.max(axis=1, keepdims=True)
        probs = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        n = len(y)
        loss = -np.log(probs[np.arange(n), y]).mean()
        loss += 0.5 * reg * (np.sum(self.params['W1'] ** 2) + np.sum(self.params['W2'] ** 2)

        grads = {}
        dscores = probs.copy()
        dscores[np.arange(n), y] -= 1
        dhidden = self.linear2.backward(dscores / n, grads)
        self.linear1.backward(self.act.backward(dhidden), grads)
        for w in ('W1', 'W2'):
            grads[w] += reg * self.params[w]
        return loss, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        num_train = len(X)
        iterations_per_epoch = max(int(num_train / batch_size), 1)
        history = {k: [] for k in ('loss_history', 'grad_magnitude_history',
                                   'train_acc_history', 'val_acc_history')}
        np.random.seed(1)
        for epoch in range(num_epochs):
            perm = np.random.permutation(num_train)
            for i in range(iterations_per_epoch):
                idx = perm[i * batch_size:(i + 1) * batch_size]
                loss, grads = self.loss(X[idx], y[idx], reg)
                history['loss_history'].append(loss)
                history['grad_magnitude_history'].append(np.linalg.norm(grads['W1']))
                for k in self.params:
                    self.params[k] -= learning_rate * grads[k]
            train_acc = (self.predict(X[idx]) == y[idx]).mean()
            val_acc = (self.predict(X_val) == y_val).mean()
            history['train_acc_history'].append(train_acc)
            history['val_acc_history'].append(val_acc)
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f' % (epoch + 1, loss, train_acc, val_acc))
            learning_rate *= learning_rate_decay
        return history

    def predict(self, X):
        return self.loss(X).argmax(axis=1)
