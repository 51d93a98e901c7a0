"""Helpers for Problem Set 3. There is nothing in this file for you to change."""
import os

import numpy as np


def eval_numerical_gradient(f, x, verbose=True):
    """
    Estimate the gradient of f at x by central differences.

    f       -- a function of one array that returns a single number. It is called twice for every
               entry of x, so use small arrays.
    x       -- the array (of floats) at which the gradient is wanted. Its entries are nudged one at a
               time, *in place*, and put back: f therefore also sees the change if it ignores its
               argument and reads the same array from elsewhere, for instance from net.params.
    verbose -- print each entry's index and estimate along the way.

    Returns an array of the shape of x.
    """
    h = 1e-5
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        original = x[index]
        x[index] = original + h
        above = f(x)
        x[index] = original - h
        below = f(x)
        x[index] = original
        gradient[index] = (above - below) / (2 * h)
        if verbose:
            print(index, gradient[index])
    return gradient


def _load_raw_digits():
    """All images (N, 784) with pixels from 0 to 255, and their labels (N,)."""
    folder = os.environ.get('PS3_DATA')
    if folder:
        return np.load(os.path.join(folder, 'X.npy')), np.load(os.path.join(folder, 'y.npy'))

    from sklearn.datasets import fetch_openml
    try:
        mnist = fetch_openml('mnist_784', version=1, as_frame=False)
    except ImportError:
        # the default reader needs pandas; this one is slower but does without
        mnist = fetch_openml('mnist_784', version=1, as_frame=False, parser='liac-arff')
    return mnist.data, mnist.target


def get_MNIST_data():
    """
    Load the handwritten digits, shuffle them and split them into three parts.

    If the environment variable PS3_DATA names a folder, the images are read from X.npy (N, 784) and
    the labels from y.npy (N,) in there. Otherwise MNIST is downloaded through scikit-learn, which
    keeps a copy for the next time.

    Validation and test part get one seventh of the images each (rounded down), the training part
    gets all the others. For the 70,000 images of MNIST that is 50,000 / 10,000 / 10,000.

    The order is always the same, because NumPy's global random numbers are started afresh
    (np.random.seed(0)). Afterwards the training part's mean image is subtracted from all parts.

    Returns X_train, y_train, X_val, y_val, X_test, y_test: images as rows of floats, labels as
    integers.
    """
    images, labels = _load_raw_digits()
    labels = labels.astype(int)

    number = images.shape[0]
    seventh = number // 7
    np.random.seed(0)
    perm = np.random.permutation(number)
    train, val, test = np.split(perm, [number - 2 * seventh, number - seventh])

    X_train, X_val, X_test = (images[part].astype(np.float64) for part in (train, val, test))
    mean_image = X_train.mean(axis=0)
    for X in (X_train, X_val, X_test):
        X -= mean_image

    return X_train, labels[train], X_val, labels[val], X_test, labels[test]


def visualize_grid(Xs, ubound=255.0, padding=1):
    """
    Arrange many small images on one big square picture.

    Xs      -- the images, (N, H, W) in grey or (N, H, W, C) in colour.
    ubound  -- each image is stretched so that its darkest value becomes 0 and its brightest ubound.
    padding -- width of the black lines between the images, in pixels.

    Returns the picture, (height, width) or (height, width, C).
    """
    number, height, width = Xs.shape[:3]
    per_side = int(np.ceil(np.sqrt(number)))
    tall, wide = height + padding, width + padding
    picture = np.zeros((per_side * tall - padding, per_side * wide - padding) + Xs.shape[3:])

    for k, image in enumerate(Xs):
        top, left = k // per_side * tall, k % per_side * wide
        low, high = image.min(), image.max()
        if high > low:
            image = ubound * (image - low) / (high - low)
        else:
            image = np.zeros(image.shape)      # all of one value: nothing to stretch
        picture[top:top + height, left:left + width] = image
    return picture
