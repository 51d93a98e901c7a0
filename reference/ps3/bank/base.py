import numpy as np


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


class TwoLayerMLP(object):
    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.activation = activation
        self.params = {}
        self.params['W1'] = std * np.random.randn(input_size, hidden_size)
        self.params['b1'] = np.zeros(hidden_size)
        self.params['W2'] = std * np.random.randn(hidden_size, output_size)
        self.params['b2'] = np.zeros(output_size)

    def loss(self, X, y=None, reg=0.0):
        W1, b1 = self.params['W1'], self.params['b1']
        W2, b2 = self.params['W2'], self.params['b2']
        N = X.shape[0]
        z = X.dot(W1) + b1
        if self.activation == 'sigmoid':
            h = sigmoid(z)
        elif self.activation == 'relu':
            h = np.maximum(z, 0)
        else:
            raise ValueError('Unknown activation type')
        scores = h.dot(W2) + b2
        if y is None:
            return scores

        scores = scores - scores.max(axis=1, keepdims=True)
        probs = np.exp(scores)
        probs = probs / probs.sum(axis=1, keepdims=True)
        data_loss = -np.log(probs[np.arange(N), y]).mean()
        penalty = 0.5 * reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2))
        loss = data_loss + penalty

        d_scores = probs.copy()
        d_scores[np.arange(N), y] -= 1
        d_scores = d_scores / N
        dW2 = h.T.dot(d_scores) + reg * W2
        db2 = d_scores.sum(axis=0)
        d_h = d_scores.dot(W2.T)
        if self.activation == 'sigmoid':
            d_z = d_h * h * (1 - h)
        else:
            d_z = d_h * (z > 0)
        dW1 = X.T.dot(d_z) + reg * W1
        db1 = d_z.sum(axis=0)
        grads = {'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2}
        return loss, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        num_train = X.shape[0]
        iterations_per_epoch = max(int(num_train / batch_size), 1)
        loss_history = []
        grad_magnitude_history = []
        train_acc_history = []
        val_acc_history = []
        np.random.seed(1)
        for epoch in range(num_epochs):
            perm = np.random.permutation(num_train)
            for i in range(iterations_per_epoch):
                idx = perm[i * batch_size:(i + 1) * batch_size]
                X_batch = X[idx]
                y_batch = y[idx]
                loss, grads = self.loss(X_batch, y=y_batch, reg=reg)
                loss_history.append(loss)
                grad_magnitude_history.append(np.linalg.norm(grads['W1']))
                for name in self.params:
                    self.params[name] -= learning_rate * grads[name]
            train_acc = (self.predict(X_batch) == y_batch).mean()
            val_acc = (self.predict(X_val) == y_val).mean()
            train_acc_history.append(train_acc)
            val_acc_history.append(val_acc)
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f' % (epoch + 1, loss, train_acc, val_acc))
            learning_rate *= learning_rate_decay
        return {'loss_history': loss_history, 'grad_magnitude_history': grad_magnitude_history,
                'train_acc_history': train_acc_history, 'val_acc_history': val_acc_history}

    def predict(self, X):
        scores = self.loss(X)
        return np.argmax(scores, axis=1)
