import numpy as np
from layers import linear_forward, linear_backward
from layers import sigmoid_forward, sigmoid_backward, relu_forward, relu_backward
from layers import softmax_loss

FORWARD = {'sigmoid': sigmoid_forward, 'relu': relu_forward}
BACKWARD = {'sigmoid': sigmoid_backward, 'relu': relu_backward}


class TwoLayerMLP(object):
    """
    The building blocks (forward and backward of one layer each) are in
    layers.py, this class just glues them together.
    """

    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.params = {}
        self.params['W1'] = np.random.randn(input_size, hidden_size) * std
        self.params['b1'] = np.zeros(hidden_size)
        self.params['W2'] = np.random.randn(hidden_size, output_size) * std
        self.params['b2'] = np.zeros(output_size)
        self.activation = activation

    def loss(self, X, y=None, reg=0.0):
        p = self.params
        a1, cache1 = linear_forward(X, p['W1'], p['b1'])
        h1, cache_act = FORWARD[self.activation](a1)
        scores, cache2 = linear_forward(h1, p['W2'], p['b2'])
        if y is None:
            return scores

        data_loss, dscores = softmax_loss(scores, y)
        reg_loss = 0.5 * reg * (np.sum(p['W1'] ** 2) + np.sum(p['W2'] ** 2))

        grads = {}
        dh1, grads['W2'], grads['b2'] = linear_backward(dscores, cache2)
        da1 = BACKWARD[self.activation](dh1, cache_act)
        _, grads['W1'], grads['b1'] = linear_backward(da1, cache1)
        grads['W1'] += reg * p['W1']
        grads['W2'] += reg * p['W2']
        return data_loss + reg_loss, grads

    def train(self, X, y, X_val, y_val,
              learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10,
              batch_size=200, verbose=False):
        N = X.shape[0]
        iterations_per_epoch = max(int(N / batch_size), 1)
        loss_history, grad_magnitude_history = [], []
        train_acc_history, val_acc_history = [], []

        np.random.seed(1)
        for epoch in range(num_epochs):
            perm = np.random.permutation(N)
            for i in range(iterations_per_epoch):
                batch = perm[i * batch_size:(i + 1) * batch_size]
                loss, grads = self.loss(X[batch], y[batch], reg=reg)
                loss_history.append(loss)
                grad_magnitude_history.append(np.linalg.norm(grads['W1']))
                for name in grads:
                    self.params[name] -= learning_rate * grads[name]

            train_acc_history.append((self.predict(X[batch]) == y[batch]).mean())
            val_acc_history.append((self.predict(X_val) == y_val).mean())
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f' % (
                    epoch + 1, loss, train_acc_history[-1], val_acc_history[-1]))
            learning_rate *= learning_rate_decay

        return dict(loss_history=loss_history,
                    grad_magnitude_history=grad_magnitude_history,
                    train_acc_history=train_acc_history,
                    val_acc_history=val_acc_history)

    def predict(self, X):
        return np.argmax(self.loss(X), axis=1)
