"""
mlp.py  -- ps3
"""
import numpy as np


def sigmoidFn(z):
    return 1.0 / (1.0 + np.exp(-np.clip(z, -500, 500)))


# name -> (function of the pre-activation, derivative written in terms of the OUTPUT)
ACTIVATIONS = {
    'sigmoid': (sigmoidFn, lambda out: out * (1 - out)),
    'relu': (lambda z: np.maximum(z, 0), lambda out: (out > 0).astype(float)),
}


def softmaxLoss(scores, y):
    """Mean cross-entropy and its gradient with respect to the scores."""
    numExamples = scores.shape[0]
    rows = np.arange(numExamples)
    scores = scores - np.max(scores, axis=1).reshape(-1, 1)
    logSumExp = np.log(np.sum(np.exp(scores), axis=1))
    lossValue = np.mean(logSumExp - scores[rows, y])
    dScores = np.exp(scores - logSumExp.reshape(-1, 1))
    dScores[rows, y] -= 1
    return lossValue, dScores / numExamples


class TwoLayerMLP(object):

    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        if activation not in ACTIVATIONS:
            raise ValueError('Unknown activation type')
        self.fn, self.fnGrad = ACTIVATIONS[activation]
        self.activation = activation
        w1 = std * np.random.randn(input_size, hidden_size)
        w2 = std * np.random.randn(hidden_size, output_size)
        self.params = {'W1': w1, 'b1': np.zeros(hidden_size),
                       'W2': w2, 'b2': np.zeros(output_size)}

    def hiddenAndScores(self, X):
        hidden = self.fn(X @ self.params['W1'] + self.params['b1'])
        return hidden, hidden @ self.params['W2'] + self.params['b2']

    def loss(self, X, y=None, reg=0.0):
        hidden, scores = self.hiddenAndScores(X)
        if y is None:
            return scores

        lossValue, dScores = softmaxLoss(scores, y)
        for name in ('W1', 'W2'):
            lossValue += 0.5 * reg * np.sum(self.params[name] ** 2)

        dHidden = (dScores @ self.params['W2'].T) * self.fnGrad(hidden)
        grads = {
            'W1': X.T @ dHidden + reg * self.params['W1'],
            'b1': dHidden.sum(axis=0),
            'W2': hidden.T @ dScores + reg * self.params['W2'],
            'b2': dScores.sum(axis=0),
        }
        # don't forget the regularisation!
        grads['W1'] += reg * self.params['W1']
        grads['W2'] += reg * self.params['W2']

        return lossValue, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        numTrain = X.shape[0]
        iterationsPerEpoch = max(int(numTrain / batch_size), 1)
        stats = {'loss_history': [], 'grad_magnitude_history': [],
                 'train_acc_history': [], 'val_acc_history': []}

        np.random.seed(1)
        for epoch in range(1, num_epochs + 1):
            order = np.random.permutation(numTrain)
            for start in range(0, iterationsPerEpoch * batch_size, batch_size):
                chosen = order[start:start + batch_size]
                xBatch, yBatch = X[chosen], y[chosen]
                lossValue, grads = self.loss(xBatch, yBatch, reg=reg)
                stats['loss_history'].append(lossValue)
                stats['grad_magnitude_history'].append(np.linalg.norm(grads['W1'], 'fro'))
                for name, grad in grads.items():
                    self.params[name] = self.params[name] - learning_rate * grad

            trainAcc = np.mean(self.predict(xBatch) == yBatch)
            valAcc = np.mean(self.predict(X_val) == y_val)
            stats['train_acc_history'].append(trainAcc)
            stats['val_acc_history'].append(valAcc)
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f' % (epoch, lossValue, trainAcc, valAcc))
            learning_rate *= learning_rate_decay

        return stats

    def predict(self, X):
        hidden, scores = self.hiddenAndScores(X)
        return np.argmax(scores, axis=1)
