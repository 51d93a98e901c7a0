import numpy as np


def softmax(scores):
    z = scores - np.max(scores, 1)[:, np.newaxis]
    e = np.exp(z)
    return e / np.sum(e, 1)[:, np.newaxis]


def softmax_loss(W, X, y, reg):
    loss, dW = 0.0, np.zeros(W.shape)
    n = len(X)
    for i in range(n):
        p = softmax(X[i : i + 1] @ W)[0]
        loss -= np.log(p[y[i]]) / n
        for c in range(W.shape[1]):
            dW[:, c] += (p[c] - (c == y[i])) * X[i] / n
    return loss + reg / 2 * np.sum(np.square(W)), dW + reg * W


def predict(W, X):
    return (X @ W).argmax(1)
