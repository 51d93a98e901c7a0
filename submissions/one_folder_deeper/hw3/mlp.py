import numpy as np

# ---- the layers, each one returns (output, function that sends the gradient back) ----


def affine(x, W, b):
    def back(dout):
        return dout.dot(W.T), x.T.dot(dout), dout.sum(axis=0)
    return x.dot(W) + b, back


def sigmoid(x):
    s = np.where(x >= 0, 1, np.exp(np.minimum(x, 0))) / (1 + np.exp(-np.abs(x)))

    def back(dout):
        return dout * s * (1 - s)
    return s, back


def relu(x):
    on = x > 0

    def back(dout):
        return dout * on
    return x * on, back


def softmax_cross_entropy(scores, y):
    n = scores.shape[0]
    scores = scores - scores.max(axis=1, keepdims=True)
    total = np.exp(scores).sum(axis=1, keepdims=True)
    log_probs = scores - np.log(total)
    d = np.exp(log_probs)
    d[np.arange(n), y] -= 1
    return -log_probs[np.arange(n), y].mean(), d / n


class TwoLayerMLP:
    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.params = {}
        self.params['W1'] = std * np.random.randn(input_size, hidden_size)
        self.params['b1'] = np.zeros((hidden_size,))
        self.params['W2'] = std * np.random.randn(hidden_size, output_size)
        self.params['b2'] = np.zeros((output_size,))
        self.act = {'sigmoid': sigmoid, 'relu': relu}[activation]

    def loss(self, X, y=None, reg=0.0):
        W1, b1, W2, b2 = (self.params[n] for n in ('W1', 'b1', 'W2', 'b2'))
        out, back1 = affine(X, W1, b1)
        out, back_act = self.act(out)
        scores, back2 = affine(out, W2, b2)
        if y is None:
            return scores

        loss, d = softmax_cross_entropy(scores, y)
        loss += 0.5 * reg * np.sum(W1 * W1) + 0.5 * reg * np.sum(W2 * W2)

        d, dW2, db2 = back2(d)
        d = back_act(d)
        d, dW1, db1 = back1(d)
        return loss, {'W1': dW1 + reg * W1, 'b1': db1, 'W2': dW2 + reg * W2, 'b2': db2}

    def train(self, X, y, X_val, y_val,
              learning_rate=1e-3, learning_rate_decay=0.95, reg=1e-5,
              num_epochs=10, batch_size=200, verbose=False):
        lr = learning_rate
        N = len(X)
        iterations_per_epoch = max(int(N / batch_size), 1)
        loss_history = []
        grad_magnitude_history = []
        train_acc_history = []
        val_acc_history = []

        np.random.seed(1)
        for e in range(num_epochs):
            perm = np.random.permutation(N)
            for i in range(iterations_per_epoch):
                part = perm[i * batch_size:(i + 1) * batch_size]
                loss, grads = self.loss(X[part], y[part], reg=reg)
                for n, g in grads.items():
                    self.params[n] = self.params[n] - lr * g
                loss_history.append(loss)
                grad_magnitude_history.append(np.linalg.norm(grads['W1']))

            tr = (self.predict(X[part]) == y[part]).mean()
            va = (self.predict(X_val) == y_val).mean()
            train_acc_history.append(tr)
            val_acc_history.append(va)
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f' % (e + 1, loss, tr, va))
            lr = lr * learning_rate_decay

        return {'loss_history': loss_history,
                'grad_magnitude_history': grad_magnitude_history,
                'train_acc_history': train_acc_history,
                'val_acc_history': val_acc_history}

    def predict(self, X):
        return self.loss(X).argmax(axis=1)
