import numpy as np

# activation functions and their derivatives, both as functions of z


def sigma(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigma_prime(z):
    return sigma(z) * (1.0 - sigma(z))


def smooth_relu(z):
    # the "smooth" version of the rectifier from the book: log(1 + e^z)
    return np.logaddexp(0.0, z)


def smooth_relu_prime(z):
    return sigma(z)


FUNCTIONS = dict(sigmoid=(sigma, sigma_prime), relu=(smooth_relu, smooth_relu_prime))


class TwoLayerMLP(object):

    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.f, self.fPrime = FUNCTIONS[activation]
        self.params = {
            'W1': np.random.randn(input_size, hidden_size) * std,
            'b1': np.zeros(hidden_size),
            'W2': np.random.randn(hidden_size, output_size) * std,
            'b2': np.zeros(output_size),
        }

    def loss(self, X, y=None, reg=0.0):
        w1, w2 = self.params['W1'], self.params['W2']
        z = X @ w1 + self.params['b1']
        h = self.f(z)
        scores = h @ w2 + self.params['b2']
        if y is None:
            return scores

        nData = X.shape[0]
        everyRow = np.arange(nData)
        expS = np.exp(scores - scores.max(axis=1, keepdims=True))
        p = expS / expS.sum(axis=1, keepdims=True)
        theLoss = -np.log(p[everyRow, y]).mean()
        theLoss += 0.5 * reg * ((w1 ** 2).sum() + (w2 ** 2).sum())

        p[everyRow, y] -= 1.0
        gScores = p / nData
        gZ = self.fPrime(z) * (gScores @ w2.T)
        grads = {'W1': X.T @ gZ + reg * w1, 'b1': gZ.sum(axis=0),
                 'W2': h.T @ gScores + reg * w2, 'b2': gScores.sum(axis=0)}
        return theLoss, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        nData = X.shape[0]
        nBatches = max(int(nData / batch_size), 1)
        lossHistory, gradHistory, trainAccs, valAccs = [], [], [], []

        np.random.seed(1)
        rate = learning_rate
        for epoch in range(num_epochs):
            order = np.random.permutation(nData)
            for b in range(nBatches):
                part = order[b * batch_size:(b + 1) * batch_size]
                xb, yb = X[part], y[part]
                theLoss, grads = self.loss(xb, yb, reg)
                lossHistory.append(theLoss)
                gradHistory.append(np.linalg.norm(grads['W1']))
                for key in grads:
                    self.params[key] = self.params[key] - rate * grads[key]
            trainAccs.append(np.mean(self.predict(xb) == yb))
            valAccs.append(np.mean(self.predict(X_val) == y_val))
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f'
                      % (epoch + 1, theLoss, trainAccs[-1], valAccs[-1]))
            rate *= learning_rate_decay

        return {'loss_history': lossHistory, 'grad_magnitude_history': gradHistory,
                'train_acc_history': trainAccs, 'val_acc_history': valAccs}

    def predict(self, X):
        return np.argmax(self.loss(X), axis=1)
