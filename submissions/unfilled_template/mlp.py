import numpy as np


class TwoLayerMLP(object):
    """
    A classifier with one hidden layer (Problem Set 3).

    TODO: read the whole file before I start
    """

    def __init__(self, input_size, hidden_size, output_size, std=1e-4, activation='relu'):
        """
        Small random weights, biases of zero.

        input_size: D, hidden_size: H, output_size: C
        """
        self.activation = activation
        self.params = {
            'W1': std * np.random.randn(input_size, hidden_size),
            'b1': np.zeros(hidden_size),
            'W2': std * np.random.randn(hidden_size, output_size),
            'b2': np.zeros(output_size),
        }

    def loss(self, X, y=None, reg=0.0):
        """
        Scores (if y is None), otherwise the loss and the gradients.
        """
        W1, b1 = self.params['W1'], self.params['b1']
        W2, b2 = self.params['W2'], self.params['b2']
        N = X.shape[0]

        # forward pass
        scores = None
        if self.activation == 'relu':
            ###################################
            # your code
            ###################################
            pass
        elif self.activation == 'sigmoid':
            ###################################
            # your code
            ###################################
            pass
        else:
            raise ValueError('Unknown activation type')

        if y is None:
            return scores

        # softmax loss, given
        scores = scores - np.max(scores, axis=1, keepdims=True)
        exp_scores = np.exp(scores)
        probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
        data_loss = -np.mean(np.log(probs[np.arange(N), y]))
        loss = data_loss + 0.5 * reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2))

        # backward pass
        grads = {}
        ###################################
        # your code
        ###################################

        return loss, grads

    def train(self, X, y, X_val, y_val,
              learning_rate=1e-3, learning_rate_decay=0.95,
              reg=1e-5, num_epochs=10,
              batch_size=200, verbose=False):
        """Minibatch SGD."""
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
                X_batch = X[idx, :]
                y_batch = y[idx]

                loss, grads = self.loss(X_batch, y=y_batch, reg=reg)
                loss_history.append(loss)

                ###################################
                # your code: update the parameters
                ###################################
                pass

                grad_magnitude_history.append(np.linalg.norm(grads['W1']))

            train_acc = (self.predict(X_batch) == y_batch).mean()
            val_acc = (self.predict(X_val) == y_val).mean()
            train_acc_history.append(train_acc)
            val_acc_history.append(val_acc)
            if verbose:
                print('Epoch %d: loss %f, train_acc %f, val_acc %f' % (
                    epoch + 1, loss, train_acc, val_acc))

            learning_rate *= learning_rate_decay

        return {'loss_history': loss_history,
                'grad_magnitude_history': grad_magnitude_history,
                'train_acc_history': train_acc_history,
                'val_acc_history': val_acc_history}

    def predict(self, X):
        """Labels (N,) for the rows of X."""
        y_pred = None
        ###################################
        # your code
        ###################################
        return y_pred
