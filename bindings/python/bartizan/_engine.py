"""The engine itself: a native library or a wasm module, called alike."""

from __future__ import annotations

import ctypes
import os
import threading
from pathlib import Path
from typing import Any, Callable, Optional, Tuple, Union

ABI = 1

#: Where an installed package has library and module.
BUNDLED = Path(__file__).parent / "_bundled"

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
    "bartizan_builder_paths": ("po", "i"),
    "bartizan_builder_build": ("p", "p"),
    "bartizan_builder_free": ("p", ""),
    "bartizan_instance_addresses": ("po", "i"),
    "bartizan_instance_actions": ("po", "i"),
    "bartizan_instance_free": ("p", ""),
    "bartizan_context_new": ("p", "p"),
    "bartizan_subcontext_new": ("p", "p"),
    "bartizan_context_eval": ("pbUUUuo", "i"),
    "bartizan_context_error": ("po", "i"),
    "bartizan_context_set_timeout": ("pU", "i"),
    "bartizan_context_free": ("p", ""),
    "bartizan_host_new": ("b", "p"),
    "bartizan_host_settings": ("po", "i"),
    "bartizan_host_self_check": ("ppUo", "i"),
    "bartizan_host_doctor": ("ppo", "i"),
    "bartizan_host_free": ("p", ""),
    "bartizan_request_new": ("ppUU", "p"),
    "bartizan_request_start": ("pbo", "i"),
    "bartizan_request_body": ("pbuo", "i"),
    "bartizan_request_event": ("pbo", "i"),
    "bartizan_request_eval": ("pbuo", "i"),
    "bartizan_request_response": ("pbo", "i"),
    "bartizan_request_response_body": ("pbuo", "i"),
    "bartizan_request_finish": ("puo", "i"),
    "bartizan_request_error": ("po", "i"),
    "bartizan_request_free": ("p", ""),
    "bartizan_rules_new": ("", "p"),
    "bartizan_rules_offer": ("pbo", "i"),
    "bartizan_rules_restore": ("pbo", "i"),
    "bartizan_rules_save": ("po", "i"),
    "bartizan_rules_instance": ("p", "p"),
    "bartizan_rules_free": ("p", ""),
}


class EngineError(Exception):
    """The engine refused; `code` is what it returned."""

    def __init__(self, code: int, why: str = "") -> None:
        super().__init__(why or _MEANING.get(code, f"error {code}"))
        self.code = code


class InvalidArgument(EngineError):
    """An argument that no call could take, such as an empty path."""


class MalformedDocument(EngineError):
    """A document that cannot be read, or is not what the call needs."""


class InternalError(EngineError):
    """A defect of the engine, or no memory. The object that it happened in is of no further use."""


def error(code: int, why: str = "") -> EngineError:
    """The exception for a negative code."""
    kind = {-1: InvalidArgument, -2: MalformedDocument, -3: InternalError}.get(code, EngineError)
    return kind(code, why)


class Engine:
    """A loaded engine: `Engine.native()` or `Engine.wasm()`, from the package or from a path."""

    def __init__(self, door: Any) -> None:
        self._door = door
        if door.invoke("bartizan_abi") != ABI:
            raise ImportError("the engine speaks another version of the interface; install one that fits this package")

    @classmethod
    def native(cls, path: Union[str, os.PathLike, None] = None) -> Engine:
        """The shared library, in this process. The fastest."""
        return cls(_Native(path or os.environ.get("BARTIZAN_LIBRARY") or BUNDLED / "libbartizan.so"))

    @classmethod
    def wasm(cls, path: Union[str, os.PathLike, None] = None) -> Engine:
        """The wasm module, in a sandbox of its own (needs the package wasmtime). Calls take turns."""
        return cls(_Wasm(path or os.environ.get("BARTIZAN_MODULE") or BUNDLED / "bartizan.wasm"))

    @property
    def version(self) -> str:
        """The version of the engine."""
        return self._door.text("bartizan_version")

    @property
    def broken(self) -> bool:
        """Whether nothing can be asked of it any more. That is so after a trap in the wasm module."""
        return self._door.broken

    @property
    def has_clock(self) -> bool:
        """Whether it looks at the clock and draws random numbers by itself."""
        return self._door.has_clock

    def make(self, function: str, *arguments: Any) -> int:
        """Calls a function that gives a handle; 0 is none."""
        return self._door.invoke(function, *arguments) or 0

    def create(self, function: str, *arguments: Any) -> int:
        """Calls a function that must give a handle."""
        handle = self.make(function, *arguments)
        if not handle:
            raise InternalError(-3)
        return handle

    def call(self, function: str, *arguments: Any, out: bool = True) -> Tuple[int, Optional[bytes]]:
        """Calls a function that gives a code and, where it is not negative, a document."""
        return self._door.call(function, arguments, out)

    def bound(self, function: str) -> Callable[..., Any]:
        """The function itself: what takes bytes or a buffer gives code and document, others what they give."""
        return self._door.bound(function)

    def release(self, function: str, handle: int) -> None:
        """Gives a handle back; of an engine that is broken there is nothing to give back."""
        try:
            self._door.invoke(function, handle)
        except EngineError:
            pass


class _Buffer(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("len", ctypes.c_size_t)]


class _Native:
    broken = False
    has_clock = True

    _TYPES = {
        "p": [ctypes.c_void_p],
        "b": [ctypes.c_char_p, ctypes.c_size_t],
        "u": [ctypes.c_uint32],
        "U": [ctypes.c_uint64],
        "o": [ctypes.POINTER(_Buffer)],
    }
    _RESULTS = {"p": ctypes.c_void_p, "i": ctypes.c_int32, "": None}

    def __init__(self, path: Union[str, os.PathLike]) -> None:
        self._library = self._load(ctypes.CDLL, path)
        # Short calls keep the interpreter: to give it away and wait for it costs more than they take.
        self._quick = self._load(ctypes.PyDLL, path)

    def _load(self, kind: Any, path: Union[str, os.PathLike]) -> Any:
        try:
            library = kind(os.fspath(path))
        except OSError as failure:
            raise ImportError(
                f"the engine's library cannot be loaded: {failure}; install a wheel for this platform, name a library "
                "in BARTIZAN_LIBRARY, or choose Engine.wasm()"
            ) from failure
        try:
            for name, (parameters, result) in _FUNCTIONS.items():
                function = getattr(library, name)
                function.argtypes = [t for p in parameters for t in self._TYPES[p]]
                function.restype = self._RESULTS[result]
        except AttributeError as failure:
            raise ImportError(f"{path} is another version of the engine: {failure}") from failure
        library.bartizan_abi.restype = ctypes.c_uint32
        library.bartizan_version.restype = ctypes.c_char_p
        return library

    def text(self, function: str) -> str:
        return getattr(self._library, function)().decode()

    def invoke(self, function: str, *arguments: Any) -> Any:
        return getattr(self._library, function)(*self._flat(arguments))

    @staticmethod
    def _flat(arguments: tuple) -> list:
        flat = []
        for argument in arguments:
            flat += (argument, len(argument)) if isinstance(argument, bytes) else (argument,)
        return flat

    def call(self, function: str, arguments: tuple, out: bool) -> Tuple[int, Optional[bytes]]:
        flat = self._flat(arguments)
        if not out:
            return getattr(self._library, function)(*flat), None
        buffer = _Buffer()
        code = getattr(self._library, function)(*flat, ctypes.byref(buffer))
        if code < 0 or not buffer.data:
            return code, None
        return code, ctypes.string_at(buffer.data, buffer.len)

    def bound(self, function: str) -> Callable[..., Any]:
        quick, slow = getattr(self._quick, function), getattr(self._library, function)
        kinds = _FUNCTIONS[function][0]
        if "o" not in kinds:
            return quick
        make, byref, string_at = _Buffer, ctypes.byref, ctypes.string_at
        if kinds == "pbo":

            def call(handle: int, data: bytes) -> Tuple[int, Optional[bytes]]:
                buffer = make()
                size = len(data)
                code = (quick if size < 16_384 else slow)(handle, data, size, byref(buffer))
                return (code, None) if code <= 0 or not buffer.data else (code, string_at(buffer.data, buffer.len))

        elif kinds == "pbuo":

            def call(handle: int, data: bytes, flags: int) -> Tuple[int, Optional[bytes]]:
                buffer = make()
                size = len(data)
                code = (quick if size < 16_384 else slow)(handle, data, size, flags, byref(buffer))
                return (code, None) if code <= 0 or not buffer.data else (code, string_at(buffer.data, buffer.len))

        else:

            def call(*arguments: Any) -> Tuple[int, Optional[bytes]]:
                buffer = make()
                code = slow(*arguments, byref(buffer))
                return (code, None) if code <= 0 or not buffer.data else (code, string_at(buffer.data, buffer.len))

        return call


class _Wasm:
    """One module instance. Inputs and the buffer for documents lie in one arena inside its memory."""

    has_clock = False

    _ARENA = 64 * 1024

    def __init__(self, path: Union[str, os.PathLike]) -> None:
        try:
            import wasmtime
        except ImportError as failure:
            raise ImportError("the wasm module needs the package wasmtime: pip install 'bartizan[wasm]'") from failure

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
        self.broken = False

    def _run(self, function: str, *arguments: int) -> Any:
        if self.broken:
            raise InternalError(-3)
        try:
            return self._functions[function](self._store, *arguments)
        except self._traps as trap:
            # Nothing inside can be relied on any more. Load another engine; whether requests pass
            # meanwhile is the application's decision.
            self.broken = True
            raise InternalError(-3) from trap

    def text(self, function: str) -> str:
        with self._lock:
            start = self.invoke(function)
            end = start
            while self._memory.read(self._store, end, end + 1) != b"\0":
                end += 1
            return bytes(self._memory.read(self._store, start, end)).decode()

    def invoke(self, function: str, *arguments: Any) -> Any:
        with self._lock:
            if any(isinstance(argument, bytes) for argument in arguments):
                _, flat = self._place(function, arguments)
            else:
                flat = [_signed(a) for a in arguments]
            result = self._run(function, *flat)
        return result & 0xFFFFFFFF if isinstance(result, int) else result

    def call(self, function: str, arguments: tuple, out: bool) -> Tuple[int, Optional[bytes]]:
        with self._lock:
            buffer, flat = self._place(function, arguments)
            if out:
                flat.append(buffer)
            code = self._run(function, *flat)
            if code < 0 or not out:
                return code, None
            place = self._memory.read(self._store, buffer, buffer + 8)
            data, length = int.from_bytes(place[:4], "little"), int.from_bytes(place[4:], "little")
            return code, bytes(self._memory.read(self._store, data, data + length)) if data else None

    def bound(self, function: str) -> Callable[..., Any]:
        if "o" in _FUNCTIONS[function][0]:
            return lambda *arguments: self.call(function, arguments, True)
        return lambda *arguments: self.invoke(function, *arguments)

    def _place(self, function: str, arguments: tuple) -> Tuple[int, list]:
        """Puts bytes into the arena, after an empty buffer; gives the buffer and what to call with."""
        at = self._reserve(8 + sum(len(a) for a in arguments if isinstance(a, bytes)))
        buffer, at = at, at + 8
        self._memory.write(self._store, bytes(8), buffer)
        flat = []
        for argument in arguments:
            if isinstance(argument, bytes):
                self._memory.write(self._store, argument, at)
                flat += (at, len(argument))
                at += len(argument)
            else:
                flat.append(_signed(argument))
        return buffer, flat

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


def _signed(number: int) -> int:
    return number - 2**64 if number >= 2**63 else number
