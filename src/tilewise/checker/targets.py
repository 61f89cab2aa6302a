"""What is checked: a class, a factory, an instance, or a name on the command line; each can be built again.

A target builds the model on fake tensors, from the source as it is or with changes laid over it.
"""

from __future__ import annotations

import ast
import inspect
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from tilewise.checker.building import fake_copy
from tilewise.checker.loading import Loaded, fresh_namespace, load_file, load_module
from tilewise.checker.source import Sources
from tilewise.errors import ArgumentError


class CannotRebuild(Exception):
    """The model can't be made again from changed source."""


@dataclass(eq=False)
class Target:
    """`build(sources, mode)` gives a fresh model whose tensors are fake."""

    name: str
    found: Any
    module: types.ModuleType | None = None
    qualname: str = ""
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    scope: dict[str, Any] = field(default_factory=dict)
    errors: list[BaseException] = field(default_factory=list)

    def build(self, sources: Sources, mode: Any) -> nn.Module:
        """The model, under the fake mode that the caller has entered."""
        if isinstance(self.found, nn.Module):
            return self._from_instance(sources, mode)
        maker = self.found if not sources.overlay else self._again(sources)
        return self._made(maker)

    def _made(self, maker: Callable[..., Any]) -> nn.Module:
        model = maker(*self.args, **self.kwargs)
        if not isinstance(model, nn.Module):
            raise ArgumentError(f"{self.name} gives a {type(model).__name__}, but an nn.Module is needed")
        return model

    def _again(self, sources: Sources) -> Any:
        if "<locals>" in self.qualname:
            return self._again_local(sources)
        if self.module is None:
            raise CannotRebuild
        value: Any = types.SimpleNamespace(**_plain(fresh_namespace(self.module, sources)))
        for part in self.qualname.split("."):
            value = getattr(value, part, None)
        if value is None:
            raise CannotRebuild
        return value

    def _again_local(self, sources: Sources) -> Any:
        """A class or function defined inside a function: run the definitions beside it again, in its scope."""
        code = getattr(self.found, "__init__", self.found)
        file = getattr(getattr(code, "__code__", None), "co_filename", None) or (
            self.module.__file__ if self.module else None
        )
        tree = sources.tree(file) if file else None
        if tree is None or self.module is None or file is None:
            raise CannotRebuild
        body: list[ast.stmt] = tree.body
        *outer, last = [p for p in self.qualname.split(".") if p != "<locals>"]
        for part in outer:
            match = [s for s in body if isinstance(s, (ast.FunctionDef, ast.ClassDef)) and s.name == part]
            if not match:
                raise CannotRebuild
            body = match[-1].body
        namespace = {**vars(self.module), **self.scope}
        for statement in body:
            if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                exec(compile(ast.Module([statement], []), file, "exec", dont_inherit=True), namespace)
        if last not in namespace:
            raise CannotRebuild
        return namespace[last]

    # -- instances ---------------------------------------------------------------------------------------------

    def _from_instance(self, sources: Sources, mode: Any) -> nn.Module:
        model: nn.Module = self.found
        maker = type(model)
        if not sources.overlay:
            made = self._like(maker)
            return made if made is not None else fake_copy(model, mode)
        if self.module is not None and self.qualname and not self.qualname.startswith("<"):
            # A model that stands in a module by name: run what made it again.
            again = self._again(sources)
            if isinstance(again, nn.Module):
                return again
        home = sys.modules.get(maker.__module__)
        target = Target(self.name, maker, home, maker.__qualname__, scope=self.scope)
        made = target._like_with(target._again(sources), model)
        if made is None:
            raise CannotRebuild
        return made

    def _like(self, maker: Any) -> nn.Module | None:
        if maker.__module__.startswith("torch.") or maker.__name__ == "GraphModule":
            return None
        made = self._like_with(maker, self.found)
        if made is None:
            return None
        shapes = {n: tuple(p.shape) for n, p in self.found.named_parameters()}
        types_ = {n: (p.dtype, p.device) for n, p in self.found.named_parameters()}
        same = shapes == {n: tuple(p.shape) for n, p in made.named_parameters()}
        return made if same and types_ == {n: (p.dtype, p.device) for n, p in made.named_parameters()} else None

    def _like_with(self, maker: Any, model: nn.Module) -> nn.Module | None:
        """Construct again with arguments that stand on the instance under their own names."""
        kwargs = {}
        try:
            for name, parameter in list(inspect.signature(maker).parameters.items()):
                if hasattr(model, name) and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                    kwargs[name] = getattr(model, name)
                elif parameter.default is parameter.empty and parameter.kind not in (
                    parameter.VAR_POSITIONAL,
                    parameter.VAR_KEYWORD,
                ):
                    return None
            made = maker(**kwargs)
        except Exception:
            return None
        return made if isinstance(made, nn.Module) else None


def _plain(names: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in names.items() if isinstance(k, str)}


def of_object(found: Any, args: tuple[Any, ...], kwargs: dict[str, Any], scope: dict[str, Any]) -> Target:
    """The target for a class, a factory or an instance."""
    if isinstance(found, nn.Module):
        return Target(type(found).__name__, found, None, "", scope=scope)
    if not callable(found):
        raise ArgumentError(f"a model, its class or a function that makes it is needed, but {found!r} was given")
    home = sys.modules.get(getattr(found, "__module__", "") or "")
    return Target(
        getattr(found, "__name__", "model"), found, home, getattr(found, "__qualname__", ""), args, kwargs, scope
    )


def of_text(text: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Target:
    """The target for `model.py:Net` or `package.module:factory`."""
    place, colon, name = text.rpartition(":")
    if not colon or not name or not place:
        raise ArgumentError(f"{text!r} does not name a model: write model.py:Net or package.module:factory")
    loaded: Loaded = load_file(place) if place.endswith(".py") else load_module(place)
    value: Any = loaded.module
    for part in name.split("."):
        value = getattr(value, part, None)
        if value is None:
            cause = f"; {_cause(loaded.errors[0])}" if loaded.errors else ""
            near = _near(name, loaded.module)
            raise ArgumentError(f"{place} has no {name}{near}{cause}")
    if not callable(value):
        raise ArgumentError(f"{text}: {type(value).__name__} is neither a model nor something that makes one")
    if isinstance(value, nn.Module):
        return Target(name, value, loaded.module, name, errors=loaded.errors)
    return Target(name, value, loaded.module, name, args, kwargs, errors=loaded.errors)


def _cause(error: BaseException) -> str:
    return f"running the file raised {type(error).__name__}: {error}"


def _near(name: str, module: types.ModuleType) -> str:
    import difflib

    models = [k for k, v in vars(module).items() if isinstance(v, type) and issubclass(v, nn.Module)]
    close = difflib.get_close_matches(name, models, 1) or models[:5]
    return f" (it has {', '.join(close)})" if close else ""
