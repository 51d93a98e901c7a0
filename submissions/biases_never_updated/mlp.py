import numpy as np


class TwoLayerMLP:
    """ MLP for PS3. Attributes: params (dict), activation (str) """

    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.activation = activation
        self.params = {'W1': None, 'b1': None, 'W2': None, 'b2': None}
        self.params['W1'] = np.random.randn(input_size, hidden_size) * std
        self.params['b1'] = np.zeros(hidden_size)
        self.params['W2'] = np.random.randn(hidden_size, output_size) * std
        self.params['b2'] = np.zeros(output_size)

    def sigmoid(self, x):
        return 1 / (1 + np.exp(-x))

    def relu(self, x):
        return (np.abs(x) + x) / 2      # max(0, x) without max

    def loss(self, X, y=None, reg=0.0):
        W1, b1, W2, b2 = self.params['W1'], self.params['b1'], self.params['W2'], self.params['b2']
        batch = X.shape[0]

        # ---- forward pass
        x1 = np.dot(X, W1) + b1
        x2 = getattr(self, self.activation)(x1)
        scores = np.dot(x2, W2) + b2
        if y is None:
            return scores

        # ---- loss
        # log(sum(exp)), see the link in the notebook
        m = np.max(scores, axis=1, keepdims=True)
        logsum = m + np.log(np.sum(np.exp(scores - m), axis=1, keepdims=True))
        log_probs = scores - logsum
        losses = [-log_probs[i, y[i]] for i in range(batch)]
        loss = sum(losses) / batch + 0.5 * reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2))

        # ---- backward pass
        up = np.exp(log_probs)
        for i in range(batch):
            up[i, y[i]] -= 1
        up = up / batch
        gW2 = np.dot(x2.T, up) + reg * W2
        gb2 = np.sum(up, axis=0)
        up = np.dot(up, W2.T)
        if self.activation == 'sigmoid':
            up = up * x2 * (1 - x2)
        elif self.activation == 'relu':
            up = np.where(x1 > 0, up, 0)
        gW1 = np.dot(X.T, up) + reg * W1
        gb1 = np.sum(up, axis=0)

        return loss, {'W1': gW1, 'b1': gb1, 'W2': gW2, 'b2': gb2}

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
                mini = perm[i * batch_size:(i + 1) * batch_size]
                loss, grads = self.loss(X[mini], y[mini], reg)
                loss_history.append(loss)
                grad_magnitude_history.append(np.sqrt(np.sum(grads['W1'] ** 2)))

                # update the weights
                self.params['W1'] -= learning_rate * grads['W1']
                self.params['W2'] -= learning_rate * grads['W2']

            train_acc_history.append((self.predict(X[mini]) == y[mini]).mean())
            val_acc_history.append((self.predict(X_val) == y_val).mean())
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f' % (
                    epoch + 1, loss, train_acc_history[-1], val_acc_history[-1]))

            learning_rate *= learning_rate_decay

        return {'loss_history': loss_history,
                'grad_magnitude_history': grad_magnitude_history,
                'train_acc_history': train_acc_history,
                'val_acc_history': val_acc_history}

    def predict(self, X):
        scores = self.loss(X)
        return np.argmax(scores, 1)
