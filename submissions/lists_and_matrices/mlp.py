import numpy as np

# I know matlab better than numpy, so there is a bit of matrix() in here.
# The nice thing about np.matrix is that * really is the matrix product.


class TwoLayerMLP:
    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.params = {}
        self.params['W1'] = std * np.random.randn(input_size, hidden_size)
        self.params['b1'] = np.zeros(hidden_size)
        self.params['W2'] = std * np.random.randn(hidden_size, output_size)
        self.params['b2'] = np.zeros(output_size)
        self.activation = activation

    def layers(self, X):
        X = np.matrix(X)
        A1 = X * np.matrix(self.params['W1']) + np.matrix(self.params['b1'])
        if self.activation == 'sigmoid':
            H1 = 1 / (1 + np.exp(-A1))
        elif self.activation == 'relu':
            H1 = np.maximum(A1, 0)
        else:
            raise ValueError('Unknown activation type')
        A2 = H1 * np.matrix(self.params['W2']) + np.matrix(self.params['b2'])
        return X, A1, H1, A2

    def loss(self, X, y=None, reg=0.0):
        X, A1, H1, A2 = self.layers(X)
        if y is None:
            return A2

        N = X.shape[0]
        C = A2.shape[1]
        Y = np.matrix(np.zeros((N, C)))
        Y[np.arange(N), y] = 1

        E = np.exp(A2 - A2.max(axis=1))
        P = E / E.sum(axis=1)
        ll = np.multiply(Y, np.log(np.where(Y > 0, P, 1)))
        w1, w2 = np.matrix(self.params['W1']), np.matrix(self.params['W2'])
        L = -ll.sum() / N + 0.5 * reg * (np.square(w1).sum() + np.square(w2).sum())

        G2 = (P - Y) / N
        G1 = G2 * w2.T
        if self.activation == 'sigmoid':
            G1 = np.multiply(G1, np.multiply(H1, 1 - H1))
        else:
            G1 = np.multiply(G1, A1 > 0)

        grads = {}
        grads['W1'] = X.T * G1 + reg * w1                  # D x H matrix
        grads['b1'] = G1.sum(axis=0).tolist()              # list with one row
        grads['W2'] = np.array(H1.T * G2 + reg * w2)
        grads['b2'] = np.array(G2.sum(axis=0))             # 1 x C
        return np.array([L]), grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        N = X.shape[0]
        iterations_per_epoch = max(int(N / batch_size), 1)
        loss_history = []
        grad_magnitude_history = []
        train_acc_history = []
        val_acc_history = []

        np.random.seed(1)
        for epoch in range(num_epochs):
            perm = np.random.permutation(N)
            for k in range(iterations_per_epoch):
                pick = perm[k * batch_size:(k + 1) * batch_size]
                L, grads = self.loss(X[pick], y[pick], reg)
                loss_history.append(float(L[0]))
                grad_magnitude_history.append(np.linalg.norm(grads['W1']))
                for name in ['W1', 'b1', 'W2', 'b2']:
                    shape = self.params[name].shape
                    step = learning_rate * np.array(grads[name]).reshape(shape)
                    self.params[name] = self.params[name] - step

            train_acc = np.mean(self.predict(X[pick]).ravel() == y[pick])
            val_acc = np.mean(self.predict(X_val).ravel() == y_val)
            train_acc_history.append(train_acc)
            val_acc_history.append(val_acc)
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f'
                      % (epoch + 1, loss_history[-1], train_acc, val_acc))
            learning_rate = learning_rate * learning_rate_decay

        return {'loss_history': loss_history, 'grad_magnitude_history': grad_magnitude_history,
                'train_acc_history': train_acc_history, 'val_acc_history': val_acc_history}

    def predict(self, X):
        # one label per row, as a column
        A2 = self.layers(X)[3]
        return np.array(A2.argmax(axis=1), dtype=int)
