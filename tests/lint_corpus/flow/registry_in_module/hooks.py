"""The hooks."""

hooks = []


def hook(function):
    hooks.append(function)
    return function


def run():
    for each in hooks:
        each()
