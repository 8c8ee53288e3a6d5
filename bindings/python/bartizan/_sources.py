"""Where rules come from: files, folders and URLs, looked at again while serving."""

from __future__ import annotations

import logging
import os
import threading
import urllib.error
import urllib.request
import weakref
from typing import Any, Dict, List, Optional

from ._engine import BUNDLED

log = logging.getLogger("bartizan")

#: What is read of one file at most.
LIMIT = 16 * 1024 * 1024

_TIMEOUT_S = 10


class Unreadable(Exception):
    """Why a source gave nothing."""


class Source:
    """One of the places that `rules` names."""

    def __init__(self, where: str, _settings: dict) -> None:
        self.where = where
        if where.startswith("pack:"):
            # One of the rule packs that come with the package.
            self.where = str(BUNDLED / "packs" / f"{where[5:]}.json")
        #: What it last gave, as files of an offer; None before it ever gave anything.
        self.files: Optional[List[dict]] = None
        self._mark: Any = None

    def look(self) -> bool:
        """Reads it if it changed; says whether it did. Raises `Unreadable`."""
        if self.where.startswith(("http://", "https://")):
            return self._fetch()
        return self._read()

    def _fetch(self) -> bool:
        request = urllib.request.Request(self.where, headers={"Accept": "application/json", "User-Agent": "bartizan"})
        if self._mark and self.files is not None:
            request.add_header("If-None-Match", self._mark)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
                content = answer.read(LIMIT + 1)
                headers = answer.headers
                announced = headers.get("Content-Length")
        except urllib.error.HTTPError as answer:
            if answer.code == 304:
                return False
            raise Unreadable(f"the server answers {answer.code} {answer.reason}") from answer
        except (OSError, ValueError) as failure:
            raise Unreadable(str(failure)) from failure
        if len(content) > LIMIT:
            raise Unreadable(f"there is more than {LIMIT // 1024 // 1024} MiB of it")
        if announced and announced.isdigit() and int(announced) != len(content):
            raise Unreadable(f"it is cut off: {len(content)} bytes came, {announced} were announced")
        digest = headers.get("Repr-Digest") or headers.get("Content-Digest") or headers.get("Digest")
        file = {"path": self.where, "text": _text(content), "digest": digest}
        self._mark = headers.get("ETag")
        changed = self.files is None or self.files[0]["text"] != file["text"]
        self.files = [file]
        return changed

    def _read(self) -> bool:
        try:
            if os.path.isdir(self.where):
                names = sorted(name for name in os.listdir(self.where) if name.endswith(".json"))
                paths = [os.path.join(self.where, name) for name in names]
                if not paths:
                    raise Unreadable("the folder has no file *.json")
            else:
                paths = [self.where]
            mark = []
            for path in paths:
                state = os.stat(path)
                mark.append((path, state.st_mtime_ns, state.st_size, state.st_ino))
                if os.path.exists(path + ".sha256"):
                    mark.append((path, os.stat(path + ".sha256").st_mtime_ns))
            if self.files is not None and mark == self._mark:
                return False
            files = [self._file(path) for path in paths]
        except OSError as failure:
            raise Unreadable(f"{failure.strerror or failure}: {failure.filename}") from failure
        self._mark, self.files = mark, files
        return True

    def _file(self, path: str) -> dict:
        with open(path, "rb") as file:
            content = file.read(LIMIT + 1)
        if len(content) > LIMIT:
            raise Unreadable(f"the file {path} has more than {LIMIT // 1024 // 1024} MiB")
        digest = None
        if os.path.exists(path + ".sha256"):
            with open(path + ".sha256", encoding="ascii", errors="replace") as file:
                digest = file.read(200)
        return {"path": path, "text": _text(content), "digest": digest}


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


class Watcher:
    """Looks at all sources, at the start and every few seconds, and keeps on disk what was last good."""

    def __init__(self, protection: Any, sources: List[Source]) -> None:
        self._protection = weakref.ref(protection)
        self._sources = sources
        self._every_s = protection.settings["poll_s"]
        folder = protection.settings["state_dir"]
        self._kept = os.path.join(folder, "last-good.json") if folder else None
        self._thread: Optional[threading.Thread] = None
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._told: Dict[str, str] = {}
        self._restored = False
        if hasattr(os, "register_at_fork"):
            watcher = weakref.ref(self)
            os.register_at_fork(after_in_child=lambda: watcher() and watcher()._forked())

    def _forked(self) -> None:
        self._thread = None
        self._lock = threading.Lock()
        self._stop = threading.Event()

    def first(self) -> None:
        """Looks before there are requests. What was kept serves until all sources have answered."""
        if self._kept and self._sources and os.path.exists(self._kept):
            try:
                with open(self._kept, "rb") as file:
                    self._restored = self._protection().restore(file.read())["state"] == "changed"
            except OSError as failure:
                log.warning("the kept rules cannot be read: %s", failure)
        self.look()

    def ensure(self) -> None:
        """Starts looking, once for each process."""
        if self._thread is None and self._sources and not self._stop.is_set():
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="bartizan rules", daemon=True)
                    self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        stop = self._stop
        while not stop.wait(self._every_s):
            if self._protection() is None:
                return
            try:
                self.look()
            except Exception:
                log.exception("looking for rules failed; the last good rules stay")

    def look(self) -> None:
        """Looks at all sources now, and offers what they have if any changed."""
        protection = self._protection()
        if not self._sources or protection is None:
            return
        with self._lock:
            changed = False
            for source in self._sources:
                try:
                    changed |= source.look()
                    self._told.pop(source.where, None)
                except Unreadable as failure:
                    # Said once for each reason, not every few seconds.
                    if self._told.get(source.where) != str(failure):
                        self._told[source.where] = str(failure)
                        protection.offer({"source": source.where, "error": str(failure)})
            read = [source for source in self._sources if source.files is not None]
            if not changed or not read or self._restored and len(read) < len(self._sources):
                return
            files = [file for source in read for file in source.files or ()]
            told = protection.offer({"source": ", ".join(source.where for source in read), "files": files})
            if told["state"] == "changed":
                self._restored = False
                self._keep(protection)

    def _keep(self, protection: Any) -> None:
        if not self._kept or protection.saved is None:
            return
        try:
            os.makedirs(os.path.dirname(self._kept), exist_ok=True)
            fresh = f"{self._kept}.{os.getpid()}"
            with open(fresh, "wb") as file:
                file.write(protection.saved)
            os.replace(fresh, self._kept)
        except OSError as failure:
            log.warning("the rules cannot be kept in %s: %s", self._kept, failure)
