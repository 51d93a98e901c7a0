import numpy as np

# PS3 - neural networks
# my version, done step by step so that I can follow it next to the lecture slides


class TwoLayerMLP:

    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        self.params = {}
        self.params['W1'] = np.random.randn(input_size, hidden_size) * std
        self.params['b1'] = np.zeros(hidden_size)
        self.params['W2'] = np.random.randn(hidden_size, output_size) * std
        self.params['b2'] = np.zeros(output_size)
        self.activation = activation
        self.num_classes = output_size

    def loss(self, X, y=None, reg=0.0):
        # get the parameters
        W1 = self.params['W1']
        b1 = self.params['b1']
        W2 = self.params['W2']
        b2 = self.params['b2']
        number_of_examples = X.shape[0]

        # ---------- forward ----------
        # first layer
        z1 = np.dot(X, W1) + b1
        # activation
        if self.activation == 'sigmoid':
            hidden = 1 / (1 + np.exp(-z1))
        if self.activation == 'relu':
            hidden = np.maximum(0, z1)
        # second layer
        z2 = np.dot(hidden, W2) + b2

        if y is None:
            return z2

        # ---------- softmax ----------
        # straight from the formula in the notebook
        exp_scores = np.exp(z2)
        probabilities = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)

        # one hot version of the labels
        Y = np.zeros((number_of_examples, self.num_classes))
        for i in range(number_of_examples):
            Y[i, y[i]] = 1

        # ---------- loss ----------
        p_correct = np.sum(probabilities * Y, axis=1)
        cross_entropy = -np.sum(np.log(p_correct)) / number_of_examples
        penalty = 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        loss = cross_entropy + penalty

        # ---------- backward ----------
        # derivative of cross entropy + softmax together is (p - y)
        d_z2 = (probabilities - Y) / number_of_examples
        d_W2 = np.dot(hidden.T, d_z2)
        d_b2 = np.sum(d_z2, axis=0)
        d_hidden = np.dot(d_z2, W2.T)
        # derivative of the activation
        if self.activation == 'sigmoid':
            d_z1 = d_hidden * hidden * (1 - hidden)
        if self.activation == 'relu':
            d_z1 = d_hidden.copy()
            d_z1[z1 <= 0] = 0
        d_W1 = np.dot(X.T, d_z1)
        d_b1 = np.sum(d_z1, axis=0)
        # derivative of the penalty
        d_W1 = d_W1 + reg * W1
        d_W2 = d_W2 + reg * W2

        grads = {}
        grads['W1'] = d_W1
        grads['b1'] = d_b1
        grads['W2'] = d_W2
        grads['b2'] = d_b2
        return loss, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10, batch_size=200, verbose=False):
        num_train = X.shape[0]
        iterations_per_epoch = max(int(num_train / batch_size), 1)

        # things to plot later
        loss_history = []
        grad_magnitude_history = []
        train_acc_history = []
        val_acc_history = []

        np.random.seed(1)
        for epoch in range(num_epochs):
            # shuffle
            perm = np.random.permutation(num_train)

            for it in range(iterations_per_epoch):
                batch = perm[it * batch_size : (it + 1) * batch_size]
                X_batch = X[batch]
                y_batch = y[batch]

                loss, grads = self.loss(X_batch, y_batch, reg)
                loss_history.append(loss)
                grad_magnitude_history.append(np.linalg.norm(grads['W1']))

                # gradient descent
                self.params['W1'] = self.params['W1'] - learning_rate * grads['W1']
                self.params['b1'] = self.params['b1'] - learning_rate * grads['b1']
                self.params['W2'] = self.params['W2'] - learning_rate * grads['W2']
                self.params['b2'] = self.params['b2'] - learning_rate * grads['b2']

            # how good are we?
            train_acc = np.mean(self.predict(X_batch) == y_batch)
            val_acc = np.mean(self.predict(X_val) == y_val)
            train_acc_history.append(train_acc)
            val_acc_history.append(val_acc)
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f'
                      % (epoch + 1, loss, train_acc, val_acc))

            # decay
            learning_rate = learning_rate * learning_rate_decay

        result = {}
        result['loss_history'] = loss_history
        result['grad_magnitude_history'] = grad_magnitude_history
        result['train_acc_history'] = train_acc_history
        result['val_acc_history'] = val_acc_history
        return result

    def predict(self, X):
        # scores are enough, softmax does not change which one is the biggest
        scores = self.loss(X)
        y_pred = np.argmax(scores, axis=1)
        return y_pred
