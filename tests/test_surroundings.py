"""archgraph works wherever it is started: any language, no home, nothing that can be written to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import archgraph as ag

# Root may write anywhere, unless it gives that right up.
BOUND = ("setpriv", "--bounding-set", "-all", "--inh-caps", "-all")
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def run(
    folder: Path,
    *arguments: str,
    before: Sequence[str] = (),
    python: Sequence[str] = (),
    **environment: str,
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a folder with little more in its environment than is given."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return subprocess.run(
        [*before, sys.executable, *python, "-m", "archgraph", *arguments],
        cwd=folder,
        env={"PYTHONDONTWRITEBYTECODE": "1"} | kept | environment,
        capture_output=True,
        check=False,
    )


@pytest.fixture(scope="module")
def korean(tmp_path_factory) -> Path:
    """A folder with a blank in its name, and in it a network of Korean names."""
    folder = tmp_path_factory.mktemp("신경망") / "그림 둘"
    folder.mkdir()
    b = ag.Builder("한국어 신경망", input=(3, 8, 8))
    x = b.flatten("펼침", b.relu("활성", b.conv("합성곱", b.input, 4, 3)))
    b.build(b.linear("분류", x, 10)).save(folder / "그물 하나.json")
    return folder


@pytest.fixture(scope="module")
def wanted(korean) -> dict[str, bytes]:
    """What is said and written where nothing is unusual."""
    return results(korean)


def results(folder: Path, *python: str, **environment: str) -> dict[str, bytes]:
    """Return what a table and a picture are."""
    cost = run(folder, "cost", "그물 하나.json", "-o", "표 하나.csv", python=python, **environment)
    assert (cost.returncode, cost.stdout) == (0, b""), cost.stderr
    drawn = run(folder, "draw", "그물 하나.json", "-o", "큰 그림.pdf", python=python, **environment)
    assert drawn.returncode == 0, drawn.stderr
    made = {name: (folder / name).read_bytes() for name in ("표 하나.csv", "큰 그림.pdf")}
    for name in made:
        (folder / name).unlink()
    return made


SURROUNDINGS = {
    "C": {"LC_ALL": "C"},
    "POSIX without UTF-8": {
        "LC_ALL": "POSIX",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    },
    "Korean code page": {"PYTHONIOENCODING": "cp949"},
    "ASCII, strict": {"PYTHONIOENCODING": "ascii:strict"},
    "no home": {"HOME": "/nonexistent"},
    "no temporary folder": {"TMPDIR": "/nonexistent", "TEMP": "/nonexistent"},
    "another hash": {"PYTHONHASHSEED": "12345"},
    "safe path": {"PYTHONSAFEPATH": "1"},
}


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_the_same_bytes_come_out_wherever_it_is_started(korean, wanted, name):
    assert results(korean, **SURROUNDINGS[name]) == wanted


@pytest.mark.parametrize("python", ["-OO", "-I", "-B"])
def test_the_same_bytes_come_out_however_python_is_started(korean, wanted, python):
    assert results(korean, python) == wanted


@pytest.mark.parametrize("encoding", ["ascii:strict", "cp1252", "cp949", "utf-16"])
def test_what_a_terminal_cannot_show_stops_no_table_and_no_sentence(korean, encoding):
    table = run(korean, "cost", "그물 하나.json", PYTHONIOENCODING=encoding)
    assert table.returncode == 0, table.stderr
    shown = table.stdout.decode(encoding.partition(":")[0])
    assert "Conv2d 3×3" in shown.replace("3?3", "3×3")
    failed = run(korean, "cost", "없는 그물", PYTHONIOENCODING=encoding)
    assert failed.returncode == 1
    said = failed.stderr.decode(encoding.partition(":")[0])
    assert said.startswith("archgraph: there is no network named")
    assert said.count("\n") == 1


def test_help_and_options_need_no_docstrings(tmp_path):
    for arguments in (["draw", "--help"], ["compare", "lenet5", "vgg16"]):
        plain, bare = (run(tmp_path, *arguments, python=each) for each in ((), ("-OO",)))
        assert (bare.returncode, bare.stdout) == (0, plain.stdout), bare.stderr


def test_a_user_whom_the_system_does_not_know_has_its_fonts(monkeypatch):
    from archgraph.exporters.pictures.text import faces

    def unknown():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(faces.Path, "home", unknown)
    assert faces.system_folders()


# ---- where nothing can be written ----------------------------------------------------------------


@pytest.fixture
def closed(tmp_path) -> Iterator[Path]:
    """A folder in which nobody may write."""
    if not hasattr(os, "geteuid") or (ROOT and shutil.which(BOUND[0]) is None):
        pytest.skip("root could write anywhere")
    tmp_path.chmod(0o555)
    yield tmp_path
    tmp_path.chmod(0o755)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cost", "lenet5"], ""),
        (["draw", "lenet5", "-o", "x.svg"], "cannot write 'x.svg'"),
        (["cost", "lenet5", "-o", "x.csv"], "cannot write 'x.csv'"),
        (["gallery", "lenet5", "-o", "site"], "cannot "),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_a_folder_that_cannot_be_written_to_is_one_sentence(closed, arguments, said):
    done = run(closed, *arguments, before=BOUND if ROOT else ())
    assert done.returncode == bool(said), done.stderr
    assert done.stderr.decode().startswith(f"archgraph: {said}" if said else "")
    assert done.stderr.count(b"\n") == bool(said)
    assert not any(closed.iterdir())


def test_a_folder_that_is_gone_is_no_reason_not_to_count(tmp_path):
    gone = tmp_path / "gone"
    code = (
        "import os, sys; os.mkdir('gone'); os.chdir('gone'); os.rmdir(os.getcwd())\n"
        "from archgraph.cli import main; sys.exit(main())"
    )
    command = [sys.executable, "-P", "-c", code, "cost", "lenet5"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert not gone.exists()
    assert (done.returncode, done.stderr) == (0, b"")
