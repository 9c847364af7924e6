"""Files are written whole or not at all, where the path leads; nothing is left beside them."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from archgraph.errors import FileError
from archgraph.files import (
    locks,
    replacing,
    replacing_both,
    staging,
    temporary_folder,
    whole_files,
    write_bytes,
    write_text,
)

posix = pytest.mark.skipif(os.name == "nt", reason="as POSIX has it")


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@posix
def test_a_link_is_followed_and_stays(tmp_path):
    (tmp_path / "far").mkdir()
    real, link, second = tmp_path / "far" / "real.svg", tmp_path / "link.svg", tmp_path / "2.svg"
    real.write_text("old")
    link.symlink_to("far/real.svg")
    second.symlink_to("link.svg")
    write_text(second, "new")
    assert second.is_symlink()
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert names(tmp_path / "far") == ["real.svg"]


@posix
def test_a_link_to_nothing_makes_the_file_and_one_in_a_circle_is_refused(tmp_path):
    (tmp_path / "link").symlink_to("made")
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "made").read_text() == "new"
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(FileError, match=r"circle'"):
        write_text(tmp_path / "circle", "new")


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755, 0o444])
def test_the_mode_of_a_file_stays(tmp_path, mode):
    (tmp_path / "x").write_text("old")
    (tmp_path / "x").chmod(mode)
    write_text(tmp_path / "x", "new")
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == mode


@posix
def test_a_new_file_gets_the_mode_of_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "x", "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o640


def test_other_names_of_a_file_keep_what_was_in_it(tmp_path):
    (tmp_path / "x").write_text("old")
    (tmp_path / "y").hardlink_to(tmp_path / "x")
    write_text(tmp_path / "x", "new")
    assert (tmp_path / "y").read_text() == "old"


@posix
def test_a_pipe_stays_and_is_written_to(tmp_path):
    os.mkfifo(tmp_path / "x.svg")
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append((tmp_path / "x.svg").read_bytes()))
    reader.start()
    with replacing(tmp_path / "x.svg") as temporary:
        temporary.write_bytes(b"whole" * 100_000)
    reader.join()
    assert found == [b"whole" * 100_000]
    assert stat.S_ISFIFO((tmp_path / "x.svg").stat().st_mode)
    assert names(tmp_path) == ["x.svg"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_a_device_stays_and_a_full_one_is_told(tmp_path):
    (tmp_path / "null.svg").symlink_to("/dev/null")
    write_text(tmp_path / "null.svg", "new")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    with pytest.raises(FileError, match=r"cannot write '/dev/full': No space left on device\."):
        write_text("/dev/full", "new")


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="POSIX mostly has it")
def test_an_open_file_is_written_on_though_it_has_a_name(tmp_path):
    """As ``archgraph cost net -o /dev/stdout >> log``: what the log holds already stays."""
    (tmp_path / "log").write_text("before\n")
    code = "from archgraph.files import write_text; write_text('/dev/stdout', 'new\\n')"
    with (tmp_path / "log").open("ab") as log:
        subprocess.run([sys.executable, "-c", code], stdout=log, check=True)
    assert (tmp_path / "log").read_text() == "before\nnew\n"


@pytest.mark.parametrize("name", ["a" * 300 + ".svg", "no/x.svg", "x\0.svg"])
def test_a_name_that_cannot_be_is_told(tmp_path, name):
    with pytest.raises(FileError, match=r"^cannot write [^\n]*\.$"):
        write_text(tmp_path / name, "new")
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", [".owner", "new", "bridge", ".x-1.partial"])
def test_a_file_may_be_called_as_what_lies_beside_it(tmp_path, name):
    for content in ("old", "new"):
        with replacing_both(tmp_path / name, tmp_path / f"{name}.data") as both:
            both.first.write_text(content)
            both.second.write_text(content)
            both.bridge.write_text("bridge")
        assert (tmp_path / name).read_text() == content
    assert names(tmp_path) == sorted([name, f"{name}.data"])


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_is_full_at_the_last_step_leaves_the_old_file(tmp_path, monkeypatch, step):
    (tmp_path / "x").write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if step == "fsync" else (Path, "replace")), full)
    with pytest.raises(FileError, match=r"cannot write '.*x': No space left on device\."):
        write_text(tmp_path / "x", "new")
    assert (tmp_path / "x").read_text() == "old"
    assert names(tmp_path) == ["x"]


def test_without_a_temporary_folder_one_sentence_says_so(monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("tempfile._candidate_tempdir_list", list)
    with pytest.raises(FileError, match="TMPDIR"), temporary_folder():
        pass


# What a killed process leaves, and what one that writes at this moment has.

LEFT = """
import os, signal, sys
from archgraph.files import replacing
with replacing(sys.argv[1]) as temporary:
    temporary.write_text("half")
    print("here", flush=True)
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@posix
def test_what_a_killed_process_left_goes_with_the_next_write_and_not_before_it_is_dead(tmp_path):
    target = tmp_path / "x.svg"
    command = [sys.executable, "-c", LEFT, str(target)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout.readline() == b"here\n"
        (alive,) = names(tmp_path)
        write_text(target, "other")
        assert names(tmp_path) == sorted([alive, "x.svg"])
        writer.stdin.close()
    assert names(tmp_path) == sorted([alive, "x.svg"])
    write_text(target, "new")
    assert names(tmp_path) == ["x.svg"]


def test_what_cannot_be_told_as_ours_stays(tmp_path):
    others = tmp_path / f".others{staging.SUFFIX}"
    others.mkdir()
    (others / "theirs").write_text("theirs")
    (tmp_path / f".empty{staging.SUFFIX}").mkdir()  # killed at its first step
    write_text(tmp_path / "x", "new")
    assert names(tmp_path) == [others.name, "x"]


@posix
def test_a_link_in_the_place_of_a_leftover_leads_nowhere(tmp_path):
    """In a folder that others write to, too, nobody has our files removed elsewhere."""
    (tmp_path / "mine").mkdir()
    for name in (".owner", "precious"):
        (tmp_path / "mine" / name).write_text("mine")
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / f".x{staging.SUFFIX}").symlink_to(tmp_path / "mine")
    write_text(tmp_path / "open" / "x", "new")
    assert names(tmp_path / "mine") == [".owner", "precious"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
def test_what_another_user_left_is_not_touched(tmp_path):
    """Whoever owns a folder may put a link in its place while we look into it."""
    left = tmp_path / f".x{staging.SUFFIX}"
    left.mkdir()
    (left / ".owner").touch()
    os.chown(left, 12345, 12345)
    write_text(tmp_path / "x", "new")
    assert names(left) == [".owner"]


# Two files that belong together.


def pair(folder: Path, content: str) -> None:
    with replacing_both(folder / "x", folder / "x.data") as both:
        both.first.write_text(content)
        both.second.write_text(content)
        both.bridge.write_text(f"{content} by itself")


def state(folder: Path) -> tuple[str | None, str | None]:
    both = (folder / "x", folder / "x.data")
    return tuple(each.read_text() if each.exists() else None for each in both)


def test_no_step_shows_a_file_with_the_other_of_another_writing(tmp_path, monkeypatch):
    pair(tmp_path, "old")
    seen = [state(tmp_path)]
    real = Path.replace

    def watched(self: Path, target: Path) -> Path:
        done = real(self, target)
        seen.append(state(tmp_path))
        return done

    monkeypatch.setattr(Path, "replace", watched)
    pair(tmp_path, "new")
    assert seen == [
        ("old", "old"),
        ("new by itself", "old"),
        ("new by itself", "new"),
        ("new", "new"),
    ]


def test_a_second_that_nobody_reads_yet_takes_its_place_first(tmp_path, monkeypatch):
    (tmp_path / "x.data").write_text("of nobody")
    seen = []
    real = Path.replace
    monkeypatch.setattr(
        Path, "replace", lambda self, to: (real(self, to), seen.append(state(tmp_path)))
    )
    pair(tmp_path, "new")
    assert seen == [(None, "new"), ("new", "new")]


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_step_that_fails_is_taken_back(tmp_path, monkeypatch, failing):
    pair(tmp_path, "old")
    calls = []
    real = Path.replace

    def failed(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == failing:
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", failed)
    with pytest.raises(FileError, match="No space left on device"):
        pair(tmp_path, "new")
    # Once the second is new, the bridge says all that the new first says.
    assert state(tmp_path) == (("old", "old") if failing < 3 else ("new by itself", "new"))
    assert names(tmp_path) == ["x", "x.data"]


def test_two_at_once_leave_the_pair_of_one(tmp_path, monkeypatch):
    """Each waits for the other between its steps; only the lock can order them."""
    real = Path.replace
    turns = threading.Barrier(2)

    def slow(self: Path, target: Path) -> Path:
        done = real(self, target)
        try:
            turns.wait(0.05)  # whoever holds the lock waits in vain
        except threading.BrokenBarrierError:
            turns.reset()
        return done

    pair(tmp_path, "old")
    monkeypatch.setattr(Path, "replace", slow)
    writers = [threading.Thread(target=pair, args=(tmp_path, each)) for each in "ab"]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert state(tmp_path) in {("a", "a"), ("b", "b")}
    assert names(tmp_path) == ["x", "x.data"]


def test_a_writer_that_stands_still_is_not_waited_for_without_end(tmp_path, monkeypatch):
    pair(tmp_path, "old")
    monkeypatch.setattr(locks, "_PATIENCE", 0)
    lock = whole_files._lock_of(whole_files.target_of(tmp_path / "x"))
    with locks.holding(lock), pytest.raises(FileError, match="another process is writing it"):
        pair(tmp_path, "new")
    assert state(tmp_path) == ("old", "old")
    assert names(tmp_path) == ["x", "x.data"]


def test_a_stream_takes_no_pair_and_a_name_not_two_files(tmp_path):
    with (
        pytest.raises(FileError, match="takes one file"),
        replacing_both(os.devnull, tmp_path / "x.data"),
    ):
        pass
    with pytest.raises(FileError, match="give the other a name"), replacing_both("x", "./x"):
        pass


def test_names_that_a_disk_may_take_for_one_have_one_lock(tmp_path):
    locks = {
        whole_files._lock_of(whole_files.target_of(tmp_path / name))
        for name in ("Caf\u00e9.onnx", "cafe\u0301.onnx", "CAFÉ.ONNX")
    }
    assert len(locks) == 1


def test_what_is_written_is_what_was_given(tmp_path):
    assert write_bytes(tmp_path / "x", b"\r\n\0") == tmp_path / "x"
    assert (tmp_path / "x").read_bytes() == b"\r\n\0"


STOPPED = """
import os, signal, sys
from archgraph import interrupts
from archgraph.files import replacing
interrupts.catch_signals()
try:
    with replacing(sys.argv[1]) as temporary:
        temporary.write_text("half")
        os.kill(os.getpid(), int(sys.argv[2]))
except interrupts.Interrupted as error:
    sys.exit(100 + error.number)
"""


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_asks_to_end_leaves_nothing(tmp_path, number):
    command = [sys.executable, "-c", STOPPED, str(tmp_path / "x"), str(int(number))]
    assert subprocess.run(command, check=False).returncode == 100 + number
    assert names(tmp_path) == []
