"""The engine itself: a native library or a wasm module, called alike."""

from __future__ import annotations

import ctypes
import os
import threading
from typing import Any, Optional, Tuple, Union

ABI = 1

_MEANING = {
    -1: "an argument is invalid",
    -2: "the document cannot be read, or is not a map",
    -3: "an internal error; the object it happened in is of no further use",
}

# Parameters of each function and what it returns: p is a handle, b bytes (a pointer and a length), u a
# 32-bit and U a 64-bit number, o the buffer for a document; i is a 32-bit code.
_FUNCTIONS = {
    "bartizan_builder_new": ("", "p"),
    "bartizan_builder_update": ("pbbuo", "i"),
    "bartizan_builder_remove": ("pb", "i"),
    "bartizan_builder_build": ("p", "p"),
    "bartizan_builder_free": ("p", ""),
    "bartizan_instance_addresses": ("po", "i"),
    "bartizan_instance_actions": ("po", "i"),
    "bartizan_instance_free": ("p", ""),
    "bartizan_context_new": ("p", "p"),
    "bartizan_subcontext_new": ("p", "p"),
    "bartizan_context_eval": ("pbUUUuo", "i"),
    "bartizan_context_free": ("p", ""),
}


class EngineError(Exception):
    """The engine refused; `code` is what it returned."""

    def __init__(self, code: int) -> None:
        super().__init__(_MEANING.get(code, f"error {code}"))
        self.code = code


class Engine:
    """A loaded engine: `Engine.native(path)` or `Engine.wasm(path)`."""

    def __init__(self, door: Any) -> None:
        self._door = door
        if door.invoke("bartizan_abi") != ABI:
            raise ImportError("the engine speaks another version of the interface")

    @classmethod
    def native(cls, path: Union[str, os.PathLike]) -> Engine:
        """The shared library, in this process. The fastest."""
        return cls(_Native(path))

    @classmethod
    def wasm(cls, path: Union[str, os.PathLike]) -> Engine:
        """The wasm module, in a sandbox of its own (needs the package wasmtime). Calls take turns."""
        return cls(_Wasm(path))

    @property
    def version(self) -> str:
        """The version of the engine."""
        return self._door.text("bartizan_version")

    def make(self, function: str, *arguments: Any) -> int:
        """Calls a function that gives a handle; 0 is none."""
        return self._door.invoke(function, *arguments) or 0

    def create(self, function: str, *arguments: Any) -> int:
        """Calls a function that must give a handle."""
        handle = self.make(function, *arguments)
        if not handle:
            raise EngineError(-3)
        return handle

    def call(self, function: str, *arguments: Any, out: bool = True) -> Tuple[int, Optional[bytes]]:
        """Calls a function that gives a code and, where it is not negative, a document."""
        return self._door.call(function, arguments, out)

    def release(self, function: str, handle: int) -> None:
        """Gives a handle back; of an engine that is broken there is nothing to give back."""
        try:
            self._door.invoke(function, handle)
        except EngineError:
            pass


class _Buffer(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("len", ctypes.c_size_t)]


class _Native:
    _TYPES = {
        "p": [ctypes.c_void_p],
        "b": [ctypes.c_char_p, ctypes.c_size_t],
        "u": [ctypes.c_uint32],
        "U": [ctypes.c_uint64],
        "o": [ctypes.POINTER(_Buffer)],
    }
    _RESULTS = {"p": ctypes.c_void_p, "i": ctypes.c_int32, "": None}

    def __init__(self, path: Union[str, os.PathLike]) -> None:
        self._library = ctypes.CDLL(os.fspath(path))
        for name, (parameters, result) in _FUNCTIONS.items():
            function = getattr(self._library, name)
            function.argtypes = [t for p in parameters for t in self._TYPES[p]]
            function.restype = self._RESULTS[result]
        self._library.bartizan_abi.restype = ctypes.c_uint32
        self._library.bartizan_version.restype = ctypes.c_char_p

    def text(self, function: str) -> str:
        return getattr(self._library, function)().decode()

    def invoke(self, function: str, *arguments: Any) -> Any:
        return getattr(self._library, function)(*arguments)

    def call(self, function: str, arguments: tuple, out: bool) -> Tuple[int, Optional[bytes]]:
        flat = []
        for argument in arguments:
            flat += (argument, len(argument)) if isinstance(argument, bytes) else (argument,)
        if not out:
            return getattr(self._library, function)(*flat), None
        buffer = _Buffer()
        code = getattr(self._library, function)(*flat, ctypes.byref(buffer))
        if code < 0 or not buffer.data:
            return code, None
        return code, ctypes.string_at(buffer.data, buffer.len)


class _Wasm:
    """One module instance. Inputs and the buffer for documents lie in one arena inside its memory."""

    _ARENA = 64 * 1024

    def __init__(self, path: Union[str, os.PathLike]) -> None:
        import wasmtime

        engine = wasmtime.Engine()
        self._store = wasmtime.Store(engine)
        module = wasmtime.Module.from_file(engine, os.fspath(path))
        exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        self._memory = exports["memory"]
        self._functions = {f.name: exports[f.name] for f in module.exports if f.name.startswith("bartizan_")}
        # A module instance has one stack: calls from several threads take turns. A finalizer may run in
        # the middle of a call of the same thread's; it touches nothing of that call's.
        self._lock = threading.RLock()
        self._arena = (0, 0)
        self._traps = (wasmtime.Trap, wasmtime.WasmtimeError)
        self._broken = False

    def _run(self, function: str, *arguments: int) -> Any:
        if self._broken:
            raise EngineError(-3)
        try:
            return self._functions[function](self._store, *arguments)
        except self._traps as trap:
            # Nothing inside can be relied on any more. Load another engine; whether requests pass
            # meanwhile is the application's decision.
            self._broken = True
            raise EngineError(-3) from trap

    def text(self, function: str) -> str:
        with self._lock:
            start = self.invoke(function)
            end = start
            while self._memory.read(self._store, end, end + 1) != b"\0":
                end += 1
            return bytes(self._memory.read(self._store, start, end)).decode()

    def invoke(self, function: str, *arguments: Any) -> Any:
        with self._lock:
            result = self._run(function, *arguments)
        return result & 0xFFFFFFFF if isinstance(result, int) else result

    def call(self, function: str, arguments: tuple, out: bool) -> Tuple[int, Optional[bytes]]:
        with self._lock:
            at = self._reserve(8 + sum(len(a) for a in arguments if isinstance(a, bytes)))
            buffer, at = at, at + 8
            self._memory.write(self._store, bytes(8), buffer)
            flat = []
            for argument, kind in zip(arguments, _FUNCTIONS[function][0]):
                if isinstance(argument, bytes):
                    self._memory.write(self._store, argument, at)
                    flat += (at, len(argument))
                    at += len(argument)
                elif kind == "U":
                    flat.append(argument - 2**64 if argument >= 2**63 else argument)
                else:
                    flat.append(argument)
            if out:
                flat.append(buffer)
            code = self._run(function, *flat)
            if code < 0 or not out:
                return code, None
            place = self._memory.read(self._store, buffer, buffer + 8)
            data, length = int.from_bytes(place[:4], "little"), int.from_bytes(place[4:], "little")
            return code, bytes(self._memory.read(self._store, data, data + length)) if data else None

    def _reserve(self, size: int) -> int:
        start, capacity = self._arena
        if size > capacity:
            self._run("bartizan_free", start, capacity)
            capacity = max(size, self._ARENA)
            # None stays behind when there is no memory to be had.
            self._arena = (0, 0)
            start = self._run("bartizan_alloc", capacity) & 0xFFFFFFFF
            if not start:
                raise MemoryError("the module has no memory left")
            self._arena = (start, capacity)
        return start
