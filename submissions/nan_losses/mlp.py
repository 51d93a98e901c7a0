import numpy as np


class Dense:
    def __init__(self, n_in, n_out, std):
        self.W = std * np.random.randn(n_in, n_out)
        self.b = np.zeros(n_out)


class SigmoidUnit:
    @staticmethod
    def value(z):
        return 1 / (1 + np.exp(-z))

    @staticmethod
    def grad(z):
        s = SigmoidUnit.value(z)
        return s * (1 - s)


class ReluUnit:
    @staticmethod
    def value(z):
        return np.maximum(z, 0)

    @staticmethod
    def grad(z):
        return 1.0 * (z > 0)


class TwoLayerMLP:
    units = {'sigmoid': SigmoidUnit, 'relu': ReluUnit}

    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        first = Dense(input_size, hidden_size, std)
        second = Dense(hidden_size, output_size, std)
        self.params = {'W1': first.W, 'b1': first.b, 'W2': second.W, 'b2': second.b}
        self.unit = self.units[activation]

    def loss(self, X, y=None, reg=0.0):
        P = self.params
        z = X @ P['W1'] + P['b1']
        h = self.unit.value(z)
        scores = h @ P['W2'] + P['b2']
        if y is None:
            return scores

        batch = X.shape[0]
        scores = scores - scores.max(axis=1, keepdims=True)
        e = np.exp(scores)
        prob = e / e.sum(axis=1, keepdims=True)
        nll = -np.log(prob[np.arange(batch), y])
        loss = nll.mean() + 0.5 * reg * (np.sum(P['W1'] ** 2) + np.sum(P['W2'] ** 2))

        prob[np.arange(batch), y] -= 1
        dscores = prob / batch
        dz = (dscores @ P['W2'].T) * self.unit.grad(z)
        grads = dict(W1=X.T @ dz + reg * P['W1'],
                     b1=dz.sum(axis=0),
                     W2=h.T @ dscores + reg * P['W2'],
                     b2=dscores.sum(axis=0))
        return loss, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        num_train = X.shape[0]
        iterations_per_epoch = max(int(num_train / batch_size), 1)
        self.lr = learning_rate
        history = {'loss_history': [], 'grad_magnitude_history': [],
                   'train_acc_history': [], 'val_acc_history': []}

        np.random.seed(1)
        for epoch in range(num_epochs):
            perm = np.random.permutation(num_train)
            for i in range(iterations_per_epoch):
                ids = perm[i * batch_size:(i + 1) * batch_size]
                loss, grads = self.loss(X[ids], y[ids], reg)
                history['loss_history'].append(loss)
                history['grad_magnitude_history'].append(np.linalg.norm(grads['W1']))
                self.step(grads)
                # learning rate decay
                self.lr /= learning_rate_decay

            train_acc = (self.predict(X[ids]) == y[ids]).mean()
            val_acc = (self.predict(X_val) == y_val).mean()
            history['train_acc_history'].append(train_acc)
            history['val_acc_history'].append(val_acc)
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f' % (epoch + 1, loss, train_acc, val_acc))
        return history

    def step(self, grads):
        for key in grads:
            self.params[key] -= self.lr * grads[key]

    def predict(self, X):
        return self.loss(X).argmax(axis=1)
