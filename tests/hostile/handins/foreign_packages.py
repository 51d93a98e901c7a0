"""Import packages that hand-ins may not use, however they are spelled, and take their parts from their folders."""

import importlib
import importlib.machinery
import importlib.util
import os
import sys
import zipimport

from attempts import attempt


def without_gate(name):
    before = list(sys.meta_path)
    sys.meta_path[:] = [importlib.machinery.BuiltinImporter, importlib.machinery.PathFinder]
    try:
        return importlib.import_module(name)
    finally:
        sys.meta_path[:] = before


def from_folder(folder, name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(folder, name, "__init__.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def from_path(folder, name):
    finder = importlib.machinery.FileFinder(folder, (importlib.machinery.SourceFileLoader, [".py"]))
    return finder.find_spec(name).loader.load_module(name)


def through_numpy(name):
    import numpy

    return from_folder(os.path.dirname(os.path.dirname(numpy.__file__)), name)


for name in ("sk" + "learn", "joblib", "msgspec", "click"):
    attempt(f"import_module {name}", lambda name=name: importlib.import_module(name))
    attempt(f"__import__ {name}", lambda name=name: __import__(name))
    attempt(f"exec {name}", lambda name=name: exec(f"import {name}", {}))
    attempt(f"without the gate {name}", lambda name=name: without_gate(name))
    attempt(f"beside numpy {name}", lambda name=name: through_numpy(name))
    attempt(f"zipimport {name}", lambda name=name: zipimport.zipimporter(f"/{name}.zip"))
    for folder in [path for path in sys.path if path.endswith("-packages")]:
        attempt(f"from its folder {name}", lambda f=folder, name=name: from_folder(f, name))
        attempt(f"by a finder {name}", lambda f=folder, name=name: from_path(f, name))
        attempt(f"list {name}", lambda f=folder, name=name: os.listdir(os.path.join(f, name)))
