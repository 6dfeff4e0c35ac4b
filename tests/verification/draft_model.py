"""A draft as plain dicts: what the real one must look like after the same events."""

from __future__ import annotations

from uuid import UUID

from uploads.core.errors import Code

N_CLEAN, N_LOST = 10_000, 20_000
UNFINISHED = {"receiving", "checking"}


class DraftModel:
    """`checking` stands for checking and storing: between two observations a job may be anywhere there."""

    def __init__(self, deadline: int) -> None:
        self.state = "grace"
        self.deadline: int | None = deadline
        self.n = N_CLEAN
        self.tabs: set[UUID] = set()
        self.rows: list[str] = []
        self.lists: dict[str, list[UUID]] = {"": []}
        self.tray: dict[UUID, tuple[str, int]] = {}
        self.states: dict[UUID, str] = {}
        self.good: dict[UUID, bool] = {}
        self.linked: dict[str, list[UUID]] = {}

    @property
    def live(self) -> bool:
        return self.state in {"grace", "open"}

    def refusal(self) -> Code | None:
        return {
            "committed": Code.DRAFT_ENDED,
            "discarded": Code.DRAFT_ENDED,
            "expired": Code.DRAFT_EXPIRED,
        }.get(self.state)

    def possible_states(self) -> set[str]:
        return {"expiring", "expired"} if self.state in {"discarded", "expired"} else {self.state}

    # --- Files

    def state_of(self, file: UUID) -> str:
        return self.states.get(file, "unknown")

    def possible_file_states(self, file: UUID) -> set[str]:
        state = self.state_of(file)
        return {
            "checking": {"checking", "storing"},
            "linked": {"linked", "permanent"},
            "gone": {"deleting", "deleted"},
        }.get(state, {state})

    def listed(self) -> list[UUID]:
        return [file for files in self.lists.values() for file in files]

    def unfinished(self) -> list[UUID]:
        return [file for file, state in self.states.items() if state in UNFINISHED]

    def waiting(self) -> list[UUID]:
        return [file for file, state in self.states.items() if state == "checking"]

    def _known(self, file: UUID) -> bool:
        return self.state_of(file) not in {"unknown", "gone", "linked"}

    def add(self, file: UUID, variant: str, first: bool) -> Code | None:
        if not self.live:
            return self.refusal()
        if variant and variant not in self.rows:
            return Code.UNKNOWN_VARIANT
        self.lists.setdefault(variant, []).insert(0 if first else len(self.lists[variant]), file)
        self.states[file] = "receiving"
        return None

    def finish(self, file: UUID) -> Code | None:
        if not self.live:
            return self.refusal()
        self.states[file] = "checking"
        return None

    def remove(self, file: UUID) -> Code | None:
        if not self.live:
            return self.refusal()
        if not self._known(file):
            return Code.FILE_NOT_FOUND
        if self.states[file] == "removed":
            return None
        variant = next(variant for variant, files in self.lists.items() if file in files)
        if self.states[file] == "stored":
            self.states[file], self.tray[file] = "removed", (variant, self.lists[variant].index(file))
        else:
            self.states[file] = "gone"
        self.lists[variant].remove(file)
        return None

    def restore(self, file: UUID) -> Code | None:
        if not self.live:
            return self.refusal()
        if not self._known(file):
            return Code.FILE_NOT_FOUND
        if self.states[file] != "removed":
            return Code.NOT_POSSIBLE
        variant, at = self.tray.pop(file)
        if variant and variant not in self.rows:
            variant, at = "", len(self.lists[""])
        self.lists.setdefault(variant, []).insert(at, file)
        self.states[file] = "stored"
        return None

    def purge(self, file: UUID) -> Code | None:
        if not self.live:
            return self.refusal()
        if not self._known(file):
            return Code.FILE_NOT_FOUND
        if self.states[file] != "removed":
            return Code.NOT_POSSIBLE
        self.tray.pop(file)
        self.states[file] = "gone"
        return None

    def move(self, files: list[UUID], after: UUID | None, variant: str) -> Code | None:
        if refused := self._move_refusal(files, variant):
            return refused
        target = self.lists.setdefault(variant, [])
        if after is not None and after not in target:
            return Code.UNKNOWN_POSITION
        # After the last one before its position that does not move itself.
        before = [] if after is None else target[: target.index(after) + 1]
        at = len([file for file in before if file not in files])
        for listed in self.lists.values():
            listed[:] = [file for file in listed if file not in files]
        target[at:at] = files
        return None

    def _move_refusal(self, files: list[UUID], variant: str) -> Code | None:
        if not self.live:
            return self.refusal()
        if len(files) > 1 and any(not self._known(file) or self.states[file] == "removed" for file in files):
            return Code.STALE
        if not self._known(files[0]):
            return Code.FILE_NOT_FOUND
        if self.states[files[0]] == "removed":
            return Code.NOT_POSSIBLE
        return Code.UNKNOWN_VARIANT if variant and variant not in self.rows else None

    def set_variants(self, rows: list[str]) -> Code | None:
        if not self.live:
            return self.refusal()
        for variant in sorted(self.lists.keys() - {"", *rows}):
            self.lists[""] += self.lists.pop(variant)
        self.rows = list(rows)
        return None

    # --- Presence and time

    def connect(self) -> Code | None:
        if not self.live:
            return self.refusal()
        self.state, self.deadline = "open", None
        return None

    def disconnect(self, tab: UUID, live_tabs: set[UUID], clean: bool, s_ms: int) -> None:
        self.tabs.discard(tab)
        if self.state == "open" and not self.tabs & live_tabs:
            # The remaining tab was lost with its process, which means the longer grace.
            self._start_grace(N_CLEAN if clean and not self.tabs else N_LOST, s_ms)

    def _start_grace(self, n: int, s_ms: int) -> None:
        self.tabs.clear()
        self.state, self.deadline, self.n = "grace", s_ms + n, n

    def after_outage(self, s_ms: int) -> None:
        if self.state == "grace" and self.deadline is not None:
            self.deadline = max(self.deadline, s_ms + self.n)

    def sweep(self, live_tabs: set[UUID], s_ms: int) -> None:
        self.tabs &= live_tabs
        if self.state == "open" and not self.tabs:
            self._start_grace(N_LOST, s_ms)
        if self.state == "grace" and self.deadline is not None and self.deadline <= s_ms:
            self._end("expired")

    # --- Ends and jobs

    def discard(self) -> Code | None:
        if not self.live:
            return self.refusal()
        self._end("discarded")
        return None

    def commit(self, without: bool) -> Code | None:
        if not self.live:
            return self.refusal()
        if self.unfinished() and not without:
            return Code.FILES_UNFINISHED
        for variant, files in self.lists.items():
            self.linked[variant] = [file for file in files if self.states[file] == "stored"]
        self._end("committed")
        for files in self.linked.values():
            self.states.update(dict.fromkeys(files, "linked"))
        return None

    def _end(self, state: str) -> None:
        self.state, self.deadline = state, None
        self.states = dict.fromkeys(self.states, "gone")

    def jobs_ran(self, found: dict[UUID, str]) -> None:
        """A put may still wait for another attempt; otherwise the content decides."""
        for file, state in found.items():
            if state not in {"checking", "storing"}:
                self.states[file] = "stored" if self.good[file] else "rejected"

    def promised(self) -> set[UUID]:
        """Return the files a product shows, which must become permanent in the end."""
        return {file for files in self.linked.values() for file in files}
